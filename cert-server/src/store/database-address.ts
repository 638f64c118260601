/** The address of a PostgreSQL database, as far as it can be read without connecting. */

/** True where the address itself holds a password. */
export function hasPassword(url: string): boolean {
  try {
    const { password, searchParams } = new URL(url);
    return password !== '' || searchParams.has('password');
  } catch {
    // Nobody can tell: then it is treated as if there were one.
    return true;
  }
}
