/** Masks credentials, between `//` and the last `@` before the path, and all options, which may hold secrets too. */
export const maskedUri = (uri: string): string => uri.replace(/\/\/[^/?#]*@/, '//***@').replace(/\?.*$/, '?***');
