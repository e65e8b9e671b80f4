/** `npx grantkeeper`: reads the command line and the environment, prints, sets the exit code. */
import type { AdoptRestoreOptions } from './adopt-restore-line.ts';
import { type CommandLine, parseCommandLine, type SigningKeyOptions, usageFor } from './command-line.ts';
import type { DataKeysOptions } from './data-keys-line.ts';
import { failureWords } from './failure-words.ts';
import type { Report } from './signing-key.ts';

const args = process.argv.slice(2);
const commandLine = parseCommandLine(args);
switch (commandLine.kind) {
  case 'wrong':
    process.stderr.write(`${commandLine.message}\n\n${usageFor(args)}`);
    process.exitCode = commandLine.exitCode;
    break;
  case 'help':
    process.stdout.write(usageFor(args));
    break;
  case 'signing-key':
    await show(run(commandLine.options));
    break;
  case 'adopt-restore':
    await show(adopt(commandLine.options));
    break;
  case 'data-keys':
    await show(keysOf(commandLine.options));
    break;
  case 'doctor':
    await examine(commandLine.options);
}

async function show(report: Promise<Report>): Promise<void> {
  try {
    const { lines, good } = await report;
    process.stdout.write(`${lines.join('\n')}\n`);
    if (!good) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${failureWords(error, process.env)}\n`);
    process.exitCode = 1;
  }
}

async function examine({ url, json }: Extract<CommandLine, { kind: 'doctor' }>['options']): Promise<void> {
  const [{ doctor }, { defaultUrl }, { doctorWorld }] = await Promise.all([
    import('./doctor.ts'),
    import('./health-address.ts'),
    import('./doctor-world.ts'),
  ]);
  const address = url ?? (process.env.GRANTKEEPER_URL || defaultUrl);
  const { exitCode, lines, complaint } = await doctor({ url: address, json }, doctorWorld(process.env));
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  if (complaint !== undefined) process.stderr.write(`${complaint}\n`);
  process.exitCode = exitCode;
}

/** Its libraries load only here: whoever mistyped should not wait for them. */
async function run(options: SigningKeyOptions): Promise<Report> {
  const { readConfigurationFile } = await import('../lib/configuration-file.ts');
  const config = await readConfigurationFile(options.config);
  const [{ signingKey }, { deployedWorld }] = await Promise.all([
    import('./signing-key.ts'),
    import('./deployed-world.ts'),
  ]);
  return signingKey(options, deployedWorld(options, config));
}

async function adopt(options: AdoptRestoreOptions): Promise<Report> {
  const [{ adoptRestore }, { adoptionWorld }] = await Promise.all([
    import('./adopt-restore.ts'),
    import('./adoption-world.ts'),
  ]);
  return adoptRestore(options, adoptionWorld());
}

async function keysOf(options: DataKeysOptions): Promise<Report> {
  const [{ dataKeys }, { dataKeysWorld }] = await Promise.all([
    import('./data-keys.ts'),
    import('./data-keys-world.ts'),
  ]);
  return dataKeys(options, dataKeysWorld(options));
}
