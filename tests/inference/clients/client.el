;; SPDX-License-Identifier: BSD-3-Clause
;; One mail by Emacs' smtpmail; the case is in the environment's MAIL_CASE as JSON.
(require 'smtpmail)
(require 'json)
(let* ((c (json-parse-string (getenv "MAIL_CASE") :null-object nil :false-object nil :array-type 'list))
       (method (gethash "method" c))
       (netrc (expand-file-name "netrc" (getenv "HOME")))
       (user-mail-address (gethash "sender" c)))
  (with-temp-file netrc
    (when method
      (insert (format "machine %s login %s port %d password \"%s\"\n" (gethash "name" c) (gethash "user" c) (gethash "port" c) (gethash "password" c)))))
  (setq auth-sources (list netrc)
        network-security-level 'low
        smtpmail-smtp-server (gethash "name" c)
        smtpmail-smtp-service (gethash "port" c)
        smtpmail-stream-type (if (gethash "implicit" c) 'ssl 'starttls)
        smtpmail-smtp-user (and method (gethash "user" c))
        smtpmail-local-domain nil
        smtpmail-auth-supported (and method (list (intern (downcase method)))))
  (defun smtpmail-fqdn () (gethash "helo" c))
  (with-temp-buffer
    (insert (gethash "mail" c))
    (message "%S" (smtpmail-via-smtp (gethash "to" c) (current-buffer)))))
