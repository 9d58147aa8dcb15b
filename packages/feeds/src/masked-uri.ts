/** What stands between `//` and the last `@` before the path is nobody's business; options may hold secrets too. */
export const maskedUri = (uri: string): string => uri.replace(/\/\/[^/?#]*@/, '//***@').replace(/\?.*$/, '?***');
