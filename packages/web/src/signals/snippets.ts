/** How to subscribe to an ensemble, to be copied as it is. */

/** As subjects are escaped: every byte outside `A-Z a-z 0-9 _ -` is `%XX`. */
export const escapeToken = (text: string): string =>
  text === ''
    ? '%'
    : Array.from(new TextEncoder().encode(text), (byte) =>
        /[A-Za-z0-9_-]/.test(String.fromCharCode(byte)) && byte < 128
          ? String.fromCharCode(byte)
          : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
      ).join('');

export interface Snippet {
  readonly title: string;
  readonly text: string;
  readonly note?: string;
}

/** @param needsKey the API was asked with one */
export function snippets(ensemble: string, origin: string, needsKey: boolean): readonly Snippet[] {
  const path = `${origin}/live/signals/${encodeURIComponent(ensemble)}`;
  const latest = `${origin}/signals/ensemble/${encodeURIComponent(ensemble)}`;
  const header = needsKey ? " -H 'X-API-Key: …'" : '';
  return [
    { title: 'curl, the newest', text: `curl${header} '${quoted(latest)}'` },
    { title: 'curl, live', text: `curl -N${header} '${quoted(path)}'` },
    {
      title: 'JavaScript, live (server-sent events)',
      text: `const live = new EventSource(${JSON.stringify(path)});\nlive.addEventListener('signal', ({ data }) => console.log(JSON.parse(data)));`,
      ...(needsKey && { note: 'EventSource sends no headers: behind a key use fetch and read the stream.' }),
    },
    {
      title: 'Python',
      text: [
        'import json, requests',
        '',
        `with requests.get(${JSON.stringify(path)}, ${needsKey ? 'headers={"X-API-Key": "…"}, ' : ''}stream=True, timeout=60) as live:`,
        '    for line in live.iter_lines(decode_unicode=True):',
        "        if line.startswith('data: '):",
        '            print(json.loads(line[6:]))',
      ].join('\n'),
    },
    {
      title: 'NATS',
      text: `nats --server nats://HOST:4222 --user signals --password … --inbox-prefix _INBOX_signals \\\n  sub 'signals.ensemble.${escapeToken(ensemble)}.*'`,
      note: 'The operator gives out the address and a user that can read signals and nothing else.',
    },
  ];
}

const quoted = (text: string): string => text.replaceAll("'", "'\\''");
