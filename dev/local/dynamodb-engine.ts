/**
 * DynamoDB for the local stack: `dynalite`, in memory or on disk, behind the guard.
 */
import type { IncomingMessage } from 'node:http';
import dynalite from 'dynalite';
import { type Listener, listen } from './listener.ts';

/** @param folder LevelDB files; absent: in memory */
export async function startDynamoDbEngine(folder: string | undefined): Promise<Listener> {
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // It throws, from an event, when a client goes away in the middle of a request: that would end the whole process.
  server.on('request', (request: IncomingMessage) => {
    request.removeAllListeners('error');
    request.on('error', () => request.destroy());
  });
  return listen(server, { name: 'the DynamoDB engine', port: 0 });
}
