import { CrunchError } from '@crunch-node/streams/errors';

/** The archive does not match its manifest. */
export class ArchiveDamaged extends CrunchError {
  override readonly name = 'ArchiveDamaged';
  override readonly code = 'archive_damaged';
  readonly file: string;
  constructor(file: string, expected: string, received: string) {
    super(`archive ${file}: expected ${expected}, received ${received}; restore it from another copy`);
    this.file = file;
  }
}

/** There is no archive in the folder, or one of an unknown version. */
export class NoArchive extends CrunchError {
  override readonly name = 'NoArchive';
  override readonly code = 'no_archive';
  constructor(folder: string, reason: string) {
    super(`expected an archive of streams in ${folder}, but ${reason}: name the folder that archive export wrote`);
  }
}

/** The archive holds another log than the one to be exported. */
export class AnotherLog extends CrunchError {
  override readonly name = 'AnotherLog';
  override readonly code = 'archive_of_another_log';
  readonly stream: string;
  constructor(stream: string, sequence: number, reason: string) {
    super(
      `expected ${stream} to go on behind message ${sequence}, which the archive ends with, but ${reason}: ` +
        'export to another folder, or from the server and CRUNCH_NAMESPACE this archive is of',
    );
    this.stream = stream;
  }
}

/** Another process writes to the folder. */
export class ArchiveInUse extends CrunchError {
  override readonly name = 'ArchiveInUse';
  override readonly code = 'archive_in_use';
  constructor(file: string) {
    super(`expected no other writer of ${file}, but it has changed: let one export finish before the next`);
  }
}
