# SPDX-License-Identifier: BSD-3-Clause
# A mail server made with Perl's Net::Server::Mail at 127.0.0.1: net_server_mail.pl PORT. Its callbacks
# say yes or no and leave the words to the module.
use strict;
use warnings;
use IO::Socket::INET;
use Net::Server::Mail::ESMTP;
$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 8, ReuseAddr => 1) or die;
while (my $conn = $listener->accept) {
    next if fork;
    my $smtp = Net::Server::Mail::ESMTP->new(socket => $conn);
    $smtp->register('Net::Server::Mail::ESMTP::8BITMIME');
    $smtp->register('Net::Server::Mail::ESMTP::PIPELINING');
    $smtp->set_callback(MAIL => sub { $_[1] =~ /plala/ });
    $smtp->set_callback(RCPT => sub { $_[1] !~ /^<?nobody/ });
    $smtp->set_callback(DATA => sub { ${ $_[1] } !~ /^Subject: refused/m });
    $smtp->process;
    exit;
}
