import pg from 'pg';
import { DatabaseError } from './database-error.ts';

/** A `pg` client that says so where the server asks for a password and there is none; `pg` fails in its cryptography. */
export class PasswordClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    if (this.password === null) Object.assign(this, { password: refuseWithoutPassword });
  }
}

function refuseWithoutPassword(): never {
  throw new DatabaseError(
    'credentials',
    'the database asks for a password and its URL has none; write postgres://USER:PASSWORD@HOST/DATABASE',
  );
}
