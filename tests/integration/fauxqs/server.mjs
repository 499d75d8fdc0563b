// fauxqs on loopback: node server.mjs FAUXQS_FOLDER PORT. Its own start listens on every interface.
import { pathToFileURL } from "node:url";

const [folder, port] = process.argv.slice(2);
const { buildApp } = await import(pathToFileURL(`${folder}/dist/app.js`));
const app = buildApp({ logger: false });
await app.listen({ host: "127.0.0.1", port: Number(port) });
