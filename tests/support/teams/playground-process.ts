/**
 * The Microsoft 365 Agents Playground in a process of its own, kept to this machine: it listens on the loopback address
 * only, finds no name but localhost, and ends with its parent. Its arguments are the Playground's own.
 */
import dns from 'node:dns';
import net from 'node:net';

const HERE = ['localhost', '127.0.0.1', '::1'];

net.Server.prototype.listen = new Proxy(net.Server.prototype.listen, {
  apply(listen, server, [port, ...rest]) {
    return Reflect.apply(listen, server, typeof port === 'number' ? [port, '127.0.0.1', ...rest] : [port, ...rest]);
  },
});
dns.lookup = new Proxy(dns.lookup, {
  apply(lookup, self, [host, ...rest]) {
    return Reflect.apply(lookup, self, [HERE.includes(host) ? host : 'elsewhere.invalid', ...rest]);
  },
});
process.on('disconnect', () => process.exit());

await import(import.meta.resolve('@microsoft/m365agentsplayground/cli.js'));
