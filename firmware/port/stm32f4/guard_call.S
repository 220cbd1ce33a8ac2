/*
 * Calls that can be left by force. The deadline interrupt (guard.c) sets the stacked return address to
 * radon_stm32_guard_killed, which goes back to where the call was made.
 */
    .syntax unified
    .cpu cortex-m4
    .fpu fpv4-sp-d16
    .thumb

    .section .bss.radon_stm32_guard_stack, "aw", %nobits
    .balign 4
radon_stm32_guard_stack:
    .space 4

    .text

/* int radon_stm32_guard_enter(void (*function)(void *), void *context): 0 when it returned, 1 when it was killed.
 * r3 is only there to keep the stack aligned to 8. The C library's setjmp would not keep s16 to s31. */
    .global radon_stm32_guard_enter
    .type radon_stm32_guard_enter, %function
    .thumb_func
radon_stm32_guard_enter:
    push    {r3-r11, lr}
    vpush   {s16-s31}
    ldr     r2, =radon_stm32_guard_stack
    str     sp, [r2]
    mov     r2, r0
    mov     r0, r1
    blx     r2
    movs    r0, #0
    vpop    {s16-s31}
    pop     {r3-r11, pc}
    .size radon_stm32_guard_enter, . - radon_stm32_guard_enter

    .global radon_stm32_guard_killed
    .type radon_stm32_guard_killed, %function
    .thumb_func
radon_stm32_guard_killed:
    ldr     r2, =radon_stm32_guard_stack
    ldr     sp, [r2]
    movs    r0, #1
    vpop    {s16-s31}
    pop     {r3-r11, pc}
    .size radon_stm32_guard_killed, . - radon_stm32_guard_killed
    .ltorg

/* The interrupt hands the stacked frame to guard.c. Its stack is the main one: this port uses no other. */
    .global radon_stm32_deadline_interrupt
    .type radon_stm32_deadline_interrupt, %function
    .thumb_func
radon_stm32_deadline_interrupt:
    mrs     r0, msp
    mov     r1, lr
    b       radon_stm32_guard_expire
    .size radon_stm32_deadline_interrupt, . - radon_stm32_deadline_interrupt
