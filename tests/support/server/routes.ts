import type { Server } from 'node:http';
import { z } from 'zod';

/** A path that a server has a route for, as it was written, and the methods of that route. */
export interface Route {
  path: string;
  methods: string[];
}

interface Routed {
  listRoutes(): unknown;
}
const routedSchema = z.custom<Routed>((value) => typeof value === 'function' && 'listRoutes' in value);
/** Addresses that stand for the routes that are patterns. */
const EXAMPLES = ['/compose', '/n/abcdefghijklmnopqrstuv'];
const pathSchema = z.union([z.string(), z.instanceof(RegExp)]).transform((path) => {
  if (typeof path === 'string') return path;
  const example = EXAMPLES.find((address) => path.test(address));
  if (example === undefined) throw new Error(`No example of an address is known for ${path}.`);
  return example;
});
const listSchema = z.array(
  z.union([
    z.object({ path: pathSchema, methods: z.array(z.string()), router: z.undefined() }),
    z.object({ path: z.string(), methods: z.undefined(), router: routedSchema }),
  ]),
);

/** Every route of the Express application behind `server`, those of its routers included. Throws when there is none. */
export function routesOf(server: Server): Route[] {
  const app = server.listeners('request').find((listener) => 'router' in listener);
  if (app === undefined) throw new Error('Behind this server is no Express application.');
  return routesIn(routedSchema.parse(app.router), '');
}

function routesIn(router: Routed, at: string): Route[] {
  return listSchema.parse(router.listRoutes()).flatMap(({ path, methods, router: inner }) => {
    const full = `${at}${path}`.replace(/\/+/g, '/');
    return inner === undefined ? [{ path: full, methods: methods ?? [] }] : routesIn(inner, full);
  });
}
