/** What all workers of one run of jest share, such as a PostgreSQL server, they find by this number, and it ends with this process. */
export default function nameTheRun() {
  process.env.TEST_RUN_PID = String(process.pid);
}
