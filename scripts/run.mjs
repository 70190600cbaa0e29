// Entry of every `npm run …` command. Plain syntax and no static imports: an old Node must get far enough to say so.
const version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error(`jobloom needs Node 20.19 or later. This is Node ${process.versions.node}.`);
  process.exitCode = 1;
} else {
  import('./commands.mjs')
    .then(({ main }) => main(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code;
      },
      (error) => {
        console.error(error.expected ? `jobloom: ${error.message}` : error);
        process.exitCode = 1;
      },
    );
}
