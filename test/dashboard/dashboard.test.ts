import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCoapContext } from '../../bridge/src/coap/index.ts';
import { openUdpClient, openUdpServer } from '../../bridge/src/link/index.ts';
import type { NodePort } from '../../bridge/src/registry/node.ts';
import { chromium, describeWith } from '../support/peers.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const shots = fileURLToPath(new URL('../../.radon/dashboard/', import.meta.url));
const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 900 };

describeWith(chromium, 'the dashboard in a browser', () => {
  let project: TestProject;
  let board: Awaited<ReturnType<TestProject['startBoard']>>;
  let node: NodePort;
  let browser: Browser;
  let page: Page;
  /** What the browser complained of. */
  const complaints: string[] = [];
  /** WebSockets it opened. */
  let connections = 0;

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    project = await openTestProject();
    await project.openBridge({ tags: new Map([['gauge-1', ['roof']]]) });
    board = await project.startBoard('gauge-1', 'posix');
    node = await project.node('gauge-1');
    await project.push(node, 'rain');
    // Tests run as root in containers, where Chromium's sandbox does not start.
    browser = await playwright.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: desktop, colorScheme: 'light' });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('websocket', () => {
      connections += 1;
    });
    await page.goto(`${project.bridge.url}/`);
  });
  afterAll(async () => {
    await browser?.close();
    await project?.close();
  });

  const card = () => page.getByRole('article', { name: 'gauge-1' });
  const atom = (name: string) =>
    card()
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name, exact: true }) });
  const feed = (mm: number) =>
    node.request({
      method: 3,
      path: ['io', 'rain0'],
      query: [],
      payload: Buffer.from(String(mm)),
      contentFormat: 0,
    });

  /** Waits for text, in a page that changes by itself. */
  async function shows(text: () => Promise<string | null>, wanted: string | RegExp) {
    await expect.poll(text, { timeout: 15_000 }).toMatch(wanted);
  }

  it('shows the nodes, and the atom with its phase, queue and memory', async () => {
    await shows(() => card().innerText(), /gauge-1\s+up[\s\S]* · roof/);
    await shows(() => atom('rain').innerText(), /rain\s+suspended[\s\S]*memory[\s\S]*inbox: 0 waiting/);
    await page.getByRole('article', { name: 'bridge' }).waitFor();
    expect(await page.getByRole('status').first().innerText()).toBe('live');
  });

  it('links to counters of the board and of what the bridge did for this page', async () => {
    const metrics = await (await fetch(`${project.bridge.url}/metrics`)).text();
    expect(metrics).toContain('radon_node_up{node="gauge-1"} 1\n');
    expect(metrics).toContain('radon_atoms{node="gauge-1",phase="SUSPENDED"} 1\n');
    expect(metrics).toMatch(/radon_coap_messages_total\{node="gauge-1",direction="in"\} [1-9]/);
    expect(metrics).toMatch(/radon_http_requests_total\{class="2xx"\} [1-9]/);
  });

  it('draws a reading as it changes', async () => {
    await card().getByRole('button', { name: 'rain/level' }).click();
    const value = page.getByLabel('latest value');
    for (const mm of [3, 14.5, 7, 22]) {
      await feed(mm);
      await shows(() => value.innerText(), new RegExp(`^${mm} mm`));
    }
    await shows(() => page.getByRole('list', { name: 'log lines' }).innerText(), /22 mm: above/);
    expect(await page.locator('.uplot canvas').count()).toBe(1);
  });

  it('looks right in both themes and on a phone', async () => {
    await page.screenshot({ path: join(shots, 'light.png'), fullPage: true });
    const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await background();
    const theme = page.getByRole('button', { name: /^Theme/ });
    await theme.click();
    await theme.click();
    expect(await theme.innerText()).toBe('Theme: dark');
    expect(await background()).not.toBe(light);
    await page.screenshot({ path: join(shots, 'dark.png'), fullPage: true });
    await page.setViewportSize(phone);
    await expect
      .poll(() => page.evaluate('document.querySelector(".uplot").clientWidth'))
      .toBeLessThan(phone.width);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
    await page.screenshot({ path: join(shots, 'phone.png'), fullPage: true });
    await page.setViewportSize(desktop);
    await theme.click();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background()).toBe(light);
  });

  it('stops and starts an atom by keyboard alone', async () => {
    await page.keyboard.press('Tab');
    const stop = card().getByRole('button', { name: 'stop rain on gauge-1', exact: true });
    for (let count = 0; count < 40; count += 1) {
      if (await stop.evaluate((button) => button.matches(':focus'))) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await shows(() => atom('rain').innerText(), /rain\s+stopped/);
    await card().getByRole('button', { name: 'start rain on gauge-1', exact: true }).press('Enter');
    await shows(() => atom('rain').innerText(), /rain\s+suspended/);
    await card().getByRole('button', { name: 'restart rain on gauge-1' }).click();
    await shows(() => atom('rain').innerText(), /rain\s+suspended/);
  });

  it('pushes a file that is dropped on a node, with progress', async () => {
    const { bytes } = await project.image('echo');
    await drop('echo.atom', bytes);
    await shows(() => card().locator('output').innerText(), /echo pushed in \d+\.\d\d s/);
    await shows(() => atom('echo').innerText(), /echo\s+(suspended|idle)/);
  });

  it('says what is wrong with another file', async () => {
    await drop('notes.txt', Buffer.from('hello'));
    await shows(() => card().locator('output').innerText(), /notes\.txt: This is no \.atom file/);
  });

  it('shows that a board is switched off, and its return, on the connection it has', async () => {
    await feed(1);
    await project.stopBoard(board);
    const log = page.getByRole('list', { name: 'log lines' });
    await shows(() => log.innerText(), /gauge-1 lost/);
    await shows(() => card().innerText(), /gauge-1\s+lost/);
    await project.startBoard('gauge-1', 'posix');
    await shows(() => log.innerText(), /gauge-1 back/);
    await shows(() => card().innerText(), /gauge-1\s+up/);
    expect(connections).toBe(1);
    await node.request({ method: 1, path: ['node'], query: [], payload: new Uint8Array(0) });
    await feed(5);
    await shows(() => page.getByLabel('latest value').innerText(), /^5 mm/);
    expect(complaints).toEqual([]);
  });

  it('draws what a device of other make measures, and asks it for nothing else', async () => {
    const asked = new Set<string>();
    const payload = new TextEncoder().encode('[{"n":"lux","u":"<b>lx</b>","v":7}]');
    const link = await openUdpServer();
    const lamp = createCoapContext(link, {
      handler(request) {
        asked.add(request.path);
        return { code: 0x45, payload, contentFormat: 110, subscribe: () => () => undefined };
      },
    });
    const { hostname, port } = new URL(project.bridge.coap);
    const to = { number: 15, value: new TextEncoder().encode(`base=coap://127.0.0.1:${link.localPort}`) };
    const client = createCoapContext(await openUdpClient({ host: hostname, port: Number(port) }));
    const links = new TextEncoder().encode(`</lux>;obs;title="${'Wide'.repeat(60)}",</node>,</atoms>`);
    const options = [{ number: 15, value: new TextEncoder().encode('ep=lamp') }, to];
    await client.request({ method: 2, path: ['rd'], options, contentFormat: 40, payload: links });
    await client.close();
    const other = page.getByRole('article', { name: 'lamp' });
    await page.setViewportSize(phone);
    await other.getByRole('button', { name: 'lux' }).click();
    await shows(() => page.getByLabel('latest value').innerText(), /^7 <b>lx<\/b>/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
    await page.setViewportSize(desktop);
    expect(await other.innerText()).not.toMatch(/atoms|flash|Drop/);
    expect([...asked]).toEqual(['/lux']);
    expect(complaints).toEqual([]);
    await lamp.close();
  });

  it('takes what nodes say for text', async () => {
    const title = '<img src=x onerror="document.title = 1">';
    const links = [{ href: '/nodes/gauge-1/a/<i>x</i>', obs: true, title }];
    await page.route('**/.well-known/core', (route) => route.fulfill({ json: links }));
    await page.goto(project.bridge.url);
    await card().getByRole('button', { name: '<i>x</i>' }).waitFor();
    expect(await page.locator('main img, main i').count()).toBe(0);
    await page.unroute('**/.well-known/core');
  });

  it('asks for a token where the bridge does, takes it from the address and out of it', async () => {
    await project.bridge.close();
    const { url } = await project.openBridge({ requireToken: true, token: 'of-this-test' });
    await page.goto(url);
    await shows(() => page.getByRole('alert').innerText(), /asks for a token/);
    expect(await page.getByRole('article').count()).toBe(0);
    await page.goto('about:blank');
    await page.goto(`${url}/#token=of-this-test`);
    await card().waitFor();
    expect(page.url()).toBe(`${url}/`);
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  /** Drops a file on the card of gauge-1. */
  async function drop(name: string, bytes: Uint8Array): Promise<void> {
    const file = JSON.stringify([name, Buffer.from(bytes).toString('base64')]);
    const transfer = await page.evaluateHandle(`(([name, base64]) => {
      const made = new DataTransfer();
      made.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
      return made;
    })(${file})`);
    await card().dispatchEvent('drop', { dataTransfer: transfer });
  }
});
