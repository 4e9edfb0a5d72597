# SPDX-License-Identifier: BSD-3-Clause
# One mail by Perl's Net::SMTP; the case as JSON in the first argument.
use strict;
use warnings;
use Authen::SASL;
use JSON::PP;
use Net::SMTP;
my $c = decode_json($ARGV[0]);
my @tls = (SSL_verify_mode => $c->{verify} ? 1 : 0, SSL_ca_file => $c->{ca});
my $smtp = Net::SMTP->new($c->{host}, Port => $c->{port}, Hello => $c->{helo}, Timeout => 20, $c->{implicit} ? (SSL => 1, @tls) : ()) or die;
$c->{implicit} or $smtp->starttls(@tls) or die;
my $good = 1;
if ($c->{user}) {
    my $sasl = Authen::SASL->new(mechanism => $c->{method}, callback => { user => $c->{user}, pass => $c->{password}, authname => $c->{user} });
    $good = $smtp->auth($sasl);
}
if ($good && !$c->{early}) {
    $good = $smtp->mail($c->{sender}) && $smtp->to(@{ $c->{to} }, { SkipBad => 1 });
    $good and $smtp->data("From: $c->{sender}\nSubject: $c->{subject}\n\n", $c->{body}, "\n");
}
$smtp->quit;
