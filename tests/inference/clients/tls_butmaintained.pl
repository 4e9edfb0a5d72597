# SPDX-License-Identifier: BSD-3-Clause
# One mail by Net::SMTP::TLS::ButMaintained, which speaks STARTTLS only; the case as JSON in the first argument.
use strict;
use warnings;
use JSON::PP;
use IO::Socket::SSL;
use Net::SMTP::TLS::ButMaintained;
my $c = decode_json($ARGV[0]);
IO::Socket::SSL::set_defaults(SSL_verify_mode => 0, SSL_cipher_list => ($c->{ciphers} || 'DEFAULT') . ':@SECLEVEL=0');
my $smtp = Net::SMTP::TLS::ButMaintained->new($c->{host}, Port => $c->{port}, Hello => $c->{helo}, $c->{method} ? (User => $c->{user}, Password => $c->{password}) : ());
if (!$c->{early}) {
    $smtp->mail($c->{sender});
    $smtp->to($_) for @{ $c->{to} };
    $smtp->data;
    $smtp->datasend($c->{mail});
    $smtp->dataend;
}
$smtp->quit;
