// The reference of errors, for people.
import { errors, notice } from './tables.mjs';

/** Every error a user can see, for people. */
export function errorsReference() {
  const row = ({ name, coap, http, exit, sentence, remedy }) =>
    `| ${[`\`${name}\``, coap, http, exit, sentence, remedy].join(' | ')} |`;
  return `# Errors

<!-- ${notice('docs/errors.json')} -->

Every refusal has a name. A node answers it with a CoAP code and problem details (RFC 9290) whose title is the name; the
bridge answers it over HTTP as problem+json (RFC 9457) with the status below; the command prints the sentence, what to do,
and ends with the exit code. \`{braces}\` are filled in from the details.

| name | CoAP | HTTP | exit | what happened | what to do |
|---|---|---|---|---|---|
${errors.map(row).join('\n')}
`;
}
