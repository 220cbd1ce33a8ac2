import type { Board } from '../boards.ts';

/** Names of a board's sockets and flash image inside its folder, the emulator's working directory. */
export const boardFiles = {
  serial: 'uart.sock',
  gdb: 'gdb.sock',
  flash: 'flash.bin',
  log: 'emulator.log',
} as const;

/**
 * Command line of QEMU for one board, to be run in the board's folder.
 *
 * `-icount shift=0` ties emulated time to executed instructions, so that a busy host never lets a deadline kill a
 * healthy atom. The firmware's flash driver learns the image file from the semihosting command line. The machine waits
 * (`-S`) until the debug stub resumes it.
 */
export function qemuArguments(board: Board): string[] {
  const machine = board.emulators.qemu?.machine;
  if (machine === undefined) throw new Error(`${board.name} has no QEMU machine`);
  const base = `0x${board.flash.base.toString(16)}`;
  return [
    ...['-M', machine, '-icount', 'shift=0'],
    ...['-display', 'none', '-monitor', 'none', '-S'],
    ...['-semihosting-config', `enable=on,target=native,arg=radon,arg=${boardFiles.flash}`],
    ...['-device', `loader,file=${boardFiles.flash},addr=${base},force-raw=on`],
    ...['-serial', `unix:${boardFiles.serial},server=on,wait=off`],
    ...['-gdb', `unix:${boardFiles.gdb},server=on,wait=off`],
  ];
}
