// SPDX-License-Identifier: BSD-3-Clause
// One mail by nodemailer; the case as JSON in argv[2].
const c = JSON.parse(process.argv[2]);
const nodemailer = require(c.modules + '/nodemailer');
const transport = nodemailer.createTransport({
  host: c.host, port: c.port, secure: c.implicit, requireTLS: !c.implicit, name: c.helo, connectionTimeout: 8000, socketTimeout: 20000,
  auth: c.user ? { user: c.user, pass: c.password } : undefined, authMethod: c.method || undefined,
  tls: { rejectUnauthorized: c.verify === true, minVersion: c.version, maxVersion: c.version, ciphers: c.ciphers || undefined },
});
const action = c.early ? transport.verify() : transport.sendMail({
  from: c.sender, to: c.to, subject: c.subject, text: c.body });
action.then(() => { transport.close(); }, (error) => { console.error(String(error)); transport.close(); process.exitCode = 1; });
