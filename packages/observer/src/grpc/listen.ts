import type { Http2Server } from "node:http2";
import { listenFailure } from "@dropscope/model";

/** @throws DropscopeError `PORT_BUSY`, `PORT_DENIED`, `BIND_FAILED` */
export async function listen(server: Http2Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenFailure(error, host, port));
    server.once("error", failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}
