import {
  create,
  fromBinary,
  toBinary,
  type DescFile,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { reflection } from "@dropscope/hubble";
import type { Call } from "./grpc/call.js";
import type { Handler } from "./grpc/server.js";
import { CODE } from "./grpc/status.js";

const { ServerReflectionRequestSchema, ServerReflectionResponseSchema } = reflection;

type Answer = NonNullable<
  MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]
>;

/** gRPC server reflection, so that tools such as grpcurl need no files. @param files those of the services, imports are found */
export function reflectionHandlers(files: readonly DescFile[]): [string, Handler][] {
  const all = new Map<string, DescFile>();
  const add = (file: DescFile): void => {
    if (all.has(file.proto.name)) return;
    all.set(file.proto.name, file);
    file.dependencies.forEach(add);
  };
  files.forEach(add);
  const symbols = new Map<string, DescFile>();
  for (const file of all.values()) for (const name of namesIn(file)) symbols.set(name, file);
  const services = files.flatMap((file) => file.services.map(({ typeName }) => typeName));

  const answerTo = (request: reflection.ServerReflectionRequest): Answer => {
    const { messageRequest: asked } = request;
    switch (asked.case) {
      case "listServices":
        return {
          case: "listServicesResponse",
          value: { service: services.toSorted().map((name) => ({ name })) },
        };
      case "fileByFilename":
        return filesOf(all.get(asked.value), asked.value);
      case "fileContainingSymbol":
        return filesOf(symbols.get(asked.value), asked.value);
      case "allExtensionNumbersOfType":
        return {
          case: "allExtensionNumbersResponse",
          value: { baseTypeName: asked.value, extensionNumber: [] },
        };
      case "fileContainingExtension":
        return missing(`extension ${asked.value.extensionNumber}`);
      case undefined:
        return {
          case: "errorResponse",
          value: { errorCode: CODE.invalidArgument, errorMessage: "nothing is asked" },
        };
    }
  };

  const serve: Handler = async (call: Call) => {
    for await (const bytes of call.messages()) {
      const request = fromBinary(ServerReflectionRequestSchema, bytes);
      const response = create(ServerReflectionResponseSchema, {
        validHost: request.host,
        originalRequest: request,
        messageResponse: answerTo(request),
      });
      call.add(toBinary(ServerReflectionResponseSchema, response));
      await call.flush();
    }
  };
  // The older name has the same messages.
  return ["v1", "v1alpha"].map((version) => [
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    serve,
  ]);
}

/** The file, and those it imports: clients need them all, in any order. */
function filesOf(file: DescFile | undefined, name: string): Answer {
  if (file === undefined) return missing(name);
  const wanted = new Set<DescFile>();
  const add = (one: DescFile): void => {
    if (wanted.has(one)) return;
    wanted.add(one);
    one.dependencies.forEach(add);
  };
  add(file);
  const fileDescriptorProto = [...wanted].map((one) =>
    toBinary(FileDescriptorProtoSchema, one.proto),
  );
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function missing(name: string): Answer {
  return {
    case: "errorResponse",
    value: { errorCode: CODE.notFound, errorMessage: `${name.slice(0, 200)} is not known` },
  };
}

function namesIn(file: DescFile): string[] {
  const names: string[] = [];
  const visit = (messages: DescFile["messages"]): void => {
    for (const message of messages) {
      names.push(message.typeName, ...message.nestedEnums.map(({ typeName }) => typeName));
      names.push(...message.fields.map((field) => `${message.typeName}.${field.name}`));
      visit(message.nestedMessages);
    }
  };
  visit(file.messages);
  for (const { typeName } of file.enums) names.push(typeName);
  for (const service of file.services)
    names.push(
      service.typeName,
      ...service.methods.map((one) => `${service.typeName}.${one.name}`),
    );
  return names;
}
