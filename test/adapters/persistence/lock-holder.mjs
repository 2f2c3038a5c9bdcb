// Another program with its own connection: takes the write lock, says so, and commits when its input ends.
import Sqlite from 'better-sqlite3';

const db = new Sqlite(process.argv[2]);
db.exec('begin immediate');
db.exec("insert into tenant (id, domain, domain_configured, status, created_at) values ('foreign', 'foreign', 0, 'active', '2026-01-01T00:00:00.000Z')");
process.stdout.write('locked\n');
process.stdin.on('end', () => {
  db.exec('commit');
  db.close();
});
process.stdin.resume();
