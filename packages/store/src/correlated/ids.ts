/** Problem ids are 16 hex digits outside of the store and a number in it. */

export function idNumber(id: string): bigint {
  return BigInt(`0x${id}`);
}

export function idText(number: string | bigint): string {
  return BigInt(number).toString(16).padStart(16, "0");
}

export function isProblemId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}
