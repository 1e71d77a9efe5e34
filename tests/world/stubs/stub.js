// SPDX-License-Identifier: Apache-2.0
// Node: first argument `lookup` (the C library) or `resolve` (c-ares, as bundled); then as of addrinfo.c.
const { promises: dns } = require('dns');

async function resolved(name) {
  const each = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
  const found = each.flatMap((e) => (e.status === 'fulfilled' ? e.value : []));
  if (found.length === 0) throw each[0].reason;
  return found;
}

async function looked_up(name) {
  return (await dns.lookup(name, { all: true })).map((e) => e.address);
}

async function named(address, by) {
  return by === 'lookup' ? [(await dns.lookupService(address, 80)).hostname] : await dns.reverse(address);
}

(async () => {
  const [by, ...rest] = process.argv.slice(2);
  for (let i = 0; i + 1 < rest.length; i += 2) {
    const [what, of] = rest.slice(i, i + 2);
    try {
      const ask = what === 'address' ? named : by === 'lookup' ? looked_up : resolved;
      console.log((await ask(of, by)).join(' '));
    } catch (failed) {
      console.log('!' + failed.code);
    }
  }
})();
