/* SPDX-License-Identifier: BSD-3-Clause */
/* Sentences that more than one cause says. */
#ifndef MAILWHY_RULES_PHRASES_H
#define MAILWHY_RULES_PHRASES_H

#include "base/words.h"

/* What it is not. */
#define SAY_PASSWORD_NOT_SENT N_("The password: it was never sent.")
#define SAY_POP3_ACCEPTED     N_("The user name and the password: the receiving server accepted them.")
#define SAY_NETWORK_WORKS     N_("The network: the server was reached and it answered.")
#define SAY_NETWORK_FAST                                                                           \
    N_("The network: the server was reached and answered within {answered_in}.")
#define SAY_LINE_OPENED N_("The line as such: the connection to the server had been opened.")
#define SAY_ENCRYPTION_NO_PART                                                                     \
    N_("The encryption: it was not switched on, and the server had offered the method all the same.")
#define SAY_ENCRYPTION_WORKS N_("The encryption: it worked, and the refusal came after it.")
#define SAY_PASSWORD_IF      N_("The password, where the capture shows that it was never sent.")
#define SAY_MAIL_NOT_SENT                                                                          \
    N_("The mail itself: it was never sent, so its text and size do not matter.")
#define MEANS_PERHAPS                                                                              \
    N_("What device and server said is encrypted. The sizes of the encrypted pieces fit this, but they would fit something else, too.")
#define SAY_NAME_IS_RIGHT     N_("The server name in the device: the certificate holds for it.")
#define SAY_SERVER_NAME_WORKS N_("The server name: a mail server answered there.")

#define SAY_SIGN_IN_ARRIVED                                                                        \
    N_("The network: the sign-in got through to the server and was answered.")
#define SAY_WRONG_PASSWORD_NOT_SEEN N_("A wrong password: the server did not look at it.")

/* What to do. */
#define DO_SSL_465                                                                                              \
    N_("In the device's mail settings set the security to \"SSL\" (encrypted from the first byte; also called " \
       "\"SSL/TLS\" or \"SMTPS\") and the port to 465.")
#define DO_STARTTLS_587                                                                                                  \
    N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches " \
       "to encryption) and the port to 587.")
#define DO_STARTTLS_HERE                                                                                                 \
    N_("In the device's mail settings set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches " \
       "to encryption) and leave the port at {port}.")
#define OR_SSL_465                                                                                                      \
    N_("If that does not help, set the security to \"SSL\" (encrypted from the first byte; also called \"SSL/TLS\" or " \
       "\"SMTPS\") and the port to 465.")
#define OR_STARTTLS_587                                                                                              \
    N_("If that does not help, set the security to \"TLS\" or \"STARTTLS\" (begins in clear text, then switches to " \
       "encryption) and the port to 587.")
#define DO_OTHER_PAIR                                                                                                         \
    N_("In the device's mail settings change over to the other pair of security and port: from \"TLS\" or \"STARTTLS\" with " \
       "port 587 to \"SSL\" with port 465, or the other way round.")
#define DO_TRY_OTHER_PAIR                                                                           \
    N_("Usual are \"SSL\" with port 465, and \"TLS\" or \"STARTTLS\" with port 587. Try the other " \
       "pair.")
#define DO_SET_PAIR                                                                                \
    N_("Set security and port together: \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587.")
#define DO_LET_PASS                                                                                \
    N_("If there is a firewall or security software between device and server, let it pass mail "  \
       "unchanged.")
#define DO_CHOOSE_LOGIN_OR_PLAIN                                                                                          \
    N_("If the device lets you choose the sign-in method (often \"authentication method\"), choose LOGIN or PLAIN, with " \
       "encryption switched on: security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587.")
#define DO_SWITCH_METHOD_OFF                                                                                                \
    N_("An item such as \"encrypted password\" or \"encryption: auto\" in the sign-in settings often stands for {method}: " \
       "switch it off.")
#define DO_CHOOSE_OFFERED                                                                                                  \
    N_("If the device lets you choose the sign-in method (often \"authentication method\"), choose one of those that the " \
       "server names: {offered_methods}")
#define DO_CHOOSE_ANOTHER                                                                                              \
    N_("If the device lets you choose the sign-in method (often \"authentication method\"), choose another one, with " \
       "encryption switched on: security \"SSL\" and port 465, or \"TLS\" or \"STARTTLS\" and port 587.")
#define DO_LOAD_ROOT                                                                               \
    N_("Where the device can load certificates, load the issuer's root certificate: {root}.")
#define DO_CERTIFY_OWN_SERVER                                                                                              \
    N_("If the mail server is your own, give it a certificate from a known issuer, or load the server's certificate into " \
       "the device, where the device has an item for it.")
#define DO_METHOD_UPDATE                                                                           \
    N_("Look for newer software (firmware) for the device that can use another sign-in method.")
#define DO_LEAVE_MAIL_ALONE                                                                        \
    N_("If a firewall or security software looks into encrypted connections, let it leave mail alone.")
#define DO_CHECK_CLOCK N_("Check the date and the time of the device.")
#define DO_SET_CLOCK                                                                                                    \
    N_("Set the date and the time of the device, then send a test mail. Where the device can fetch the time by itself " \
       "(NTP), switch that on.")
#define DO_CHECK_BATTERY                                                                           \
    N_("If the clock is wrong again after a power cut, the device's battery for the clock may be empty.")
#define DO_NEW_ISSUERS                                                                             \
    N_("Look for newer software (firmware) for the device: it usually brings a new list of issuers.")
#define DO_TRY_MAIL_PROGRAM                                                                        \
    N_("Try the same name and password with a mail program on a computer, with the same server.")
#define DO_ASK_APP_PASSWORD                                                                                              \
    N_("Ask the mail provider whether devices need a password of their own (app password), and whether sending by mail " \
       "programs (SMTP) has to be switched on for the mailbox.")
#define DO_CHECK_USER_NAME                                                                                              \
    N_("Leave the password as it is, and check the user name in the device's mail settings letter by letter: often it " \
       "is the whole mail address.")
#define DO_ISSUER_OF_TODAY                                                                         \
    N_("Whoever runs the mail server (usually the mail provider) has to install certificates that lead to an issuer of today.")
#define DO_ENTER_PASSWORD                                                                          \
    N_("Enter the password in the device's mail settings and save them, then send a test mail.")
#define DO_DELETE_BLANK                                                                                  \
    N_("There is a space at the end of the password in the device's settings: enter the password again " \
       "without it.")
#define DO_ASCII_PASSWORD                                                                                                    \
    N_("Give the mail account a password of plain letters, digits and marks only (those of an English keyboard), and enter " \
       "it in the device: others reach the server in different forms.")
#define DO_ASK_MICROSOFT_ADMIN                                                                                            \
    N_("With Microsoft 365 ask the administrator to switch on \"Authenticated SMTP\" for this mailbox, and to check the " \
       "security defaults and the conditional access.")
#define DO_UPDATE                                                                                  \
    N_("Look for newer software (firmware) for the device on its maker's web page, and install it.")
#define DO_RELAY                                                                                                        \
    N_("If nothing else helps, let the device send to a mail relay: a computer or a NAS at home or in the office that " \
       "takes its mail and passes it on to the mail provider with today's encryption.")
#define DO_NO_SIGN_IN                                                                               \
    N_("If this is a server in your own network that takes mail without a sign-in, switch the "    \
       "sign-in off in the device.")
#define DO_CHECK_PLACE                                                                                                    \
    N_("Compare the server name and the port in the device's mail settings with what the mail provider (or whoever runs " \
       "the mail server) says. Now they are {server} and port {port}.")
#define DO_CHECK_LINE                                                                              \
    N_("Check that the line to the internet works: open a web page from a computer in the same "   \
       "network.")
#define DO_CHECK_FIREWALL                                                                          \
    N_("Check in the firewall or the router whether this device may go out on port {port}.")
#define DO_ASK_PROVIDER                                                                            \
    N_("Ask the mail provider which server name, port and security it wants for devices like this one.")
#define DO_ASK_PORT                                                                                \
    N_("Ask the mail provider which port and security it wants for devices like this one.")
#define DO_ASK_PROVIDER_REPLY N_("Ask the mail provider what its answer means: {text}")
#define DO_NAME_IN_CERTIFICATE                                                                     \
    N_("In the device's mail settings enter {fitting_name} as the outgoing mail server (SMTP): "   \
       "for this name the certificate holds.")
#define DO_NAME_THAT_ENDS_SO                                                                                              \
    N_("The certificate holds for server names that end in \"{ending}\", with one word before it. Ask the mail provider " \
       "for the whole name of its outgoing mail server (SMTP) that ends so, and enter it in the device's mail settings.")
#define DO_LAST_RESORT_NO_CHECK                                                                                       \
    N_("As a last resort switch off the certificate check in the device (often called \"verify certificate\"). Then " \
       "anyone on the way can pretend to be the server.")
#define DO_TRY_NO_CHECK                                                                                                   \
    N_("Try it once with the certificate check switched off in the device (often called \"verify certificate\"). If the " \
       "mail then goes out, the certificate was the reason; switch the check on again afterwards.")
#define DO_SERVER_AS_NAME                                                                                       \
    N_("In the device's mail settings enter the server as the mail provider writes it, as a name and not as a " \
       "number.")
#define DO_TRY_LATER N_("Wait a few minutes and send a test mail again.")
#define DO_TEST_MAIL N_("Then send a test mail from the device.")

#endif
