# SPDX-License-Identifier: BSD-3-Clause
# One mail by tcllib's smtp: client.tcl HOST PORT VERSION CIPHERS HELO USER PASSWORD SENDER MAIL-FILE RECIPIENT...
package require smtp
package require mime
package require tls
set recipients [lassign $argv host port version ciphers helo user password sender file]
set options [list -tls1.3 [expr {$version eq "1.3"}] -tls1.2 [expr {$version eq "1.2"}]]
if {$ciphers ne ""} { lappend options -cipher "$ciphers:@SECLEVEL=0" }
tls::init {*}$options
set input [open $file]
set mail [read $input]
set token [mime::initialize -canonical text/plain -string [string range $mail [expr {[string first "\n\n" $mail] + 2}] end]]
set headers {}
foreach line [split [string range $mail 0 [expr {[string first "\n\n" $mail] - 1}]] "\n"] {
    regexp {^([^:]*): (.*)$} $line -> name value
    if {$name ni {From To}} { lappend headers -header [list $name $value] }
}
smtp::sendmessage $token -servers $host -ports $port -usetls 1 -tlspolicy {apply {args { return secure }}} -username $user -password $password -client $helo \
    -originator $sender -header [list From $sender] -recipients [join $recipients ,] {*}$headers
