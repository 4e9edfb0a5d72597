# SPDX-License-Identifier: BSD-3-Clause
# One mail by Ruby's net/smtp; the case as JSON in ARGV[0].
require 'json'
require 'net/smtp'
c = JSON.parse(ARGV[0])
context = OpenSSL::SSL::SSLContext.new
context.verify_mode = c['verify'] ? OpenSSL::SSL::VERIFY_PEER : OpenSSL::SSL::VERIFY_NONE
smtp = Net::SMTP.new(c['host'], c['port'])
smtp.read_timeout = 20
c['implicit'] ? smtp.enable_tls(context) : smtp.enable_starttls(context)
smtp.start(c['helo'], c['user'], c['password'], c['user'] ? (c['method'] || 'plain').downcase.tr('-', '_').to_sym : nil) do |s|
  unless c['early']
    s.send_message("From: <#{c['sender']}>\r\nTo: #{c['to'].join(', ')}\r\nSubject: #{c['subject']}\r\n\r\n#{c['body']}\r\n", c['sender'], *c['to'])
  end
end
