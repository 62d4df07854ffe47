/**
 * Imported before everything else: Express and others print what they do, addresses of requests among it, when the
 * environment names them in `DEBUG`, and they look there while they are loaded.
 */
delete process.env['DEBUG'];
