// SPDX-License-Identifier: BSD-3-Clause
// The simplesmtp module as a mail server at 127.0.0.1: simplesmtp.js MODULES PORT PASSWORD. It says yes
// or no and leaves the words to the module.
const [modules, port, password] = process.argv.slice(2);
const simplesmtp = require(modules + '/simplesmtp');
const server = simplesmtp.createServer({
  name: 'mx.example.jp', requireAuthentication: true, enableAuthentication: true, authMethods: ['PLAIN', 'LOGIN'], ignoreTLS: true,
  validateSender: true, validateRecipients: true, disableDNSValidation: true,
});
server.on('startData', (connection) => { connection.mail = ''; });
server.on('data', (connection, chunk) => { connection.mail += chunk; });
server.on('dataReady', (connection, done) => done(/^subject: refused/im.test(connection.mail) ? new Error() : null, null));
server.on('authorizeUser', (connection, user, pass, done) => done(null, pass === password));
server.on('validateSender', (connection, email, done) => done(/plala/.test(email) ? null : new Error()));
server.on('validateRecipient', (connection, email, done) => done(/^nobody/.test(email) ? new Error() : null));
server.listen(Number(port), '127.0.0.1', (error) => { if (error) throw error; });
