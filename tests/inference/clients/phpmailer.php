<?php
// SPDX-License-Identifier: BSD-3-Clause
// One mail by PHPMailer, Swift Mailer or PEAR's Net_SMTP: phpmailer.php LIBRARY CASE (as JSON).
[, $library, $json] = $argv;
$c = json_decode($json, true);
$tls = ['verify_peer' => false, 'verify_peer_name' => false, 'ciphers' => ($c['ciphers'] ?: 'DEFAULT') . ':@SECLEVEL=0', 'crypto_method' => $c['version'] === '1.3' ? STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT : STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT];
[$head, $body] = explode("\n\n", $c['mail'], 2);
if ($library === 'phpmailer') {
    require '/usr/share/php/libphp-phpmailer/autoload.php';
    $mail = new PHPMailer\PHPMailer\PHPMailer(true);
    $mail->isSMTP();
    $mail->Host = $c['host'];
    $mail->Port = $c['port'];
    $mail->Helo = $c['helo'];
    $mail->SMTPSecure = $c['implicit'] ? 'ssl' : 'tls';
    $mail->SMTPOptions = ['ssl' => $tls];
    $mail->SMTPAuth = (bool) $c['method'];
    $mail->AuthType = (string) $c['method'];
    $mail->Username = (string) $c['user'];
    $mail->Password = $c['password'];
    if ($c['early']) {
        $mail->smtpConnect($mail->SMTPOptions);
        $mail->smtpClose();
        exit;
    }
    $mail->setFrom($c['sender'], '', false);
    $mail->Sender = $c['sender'];
    foreach ($c['to'] as $to) {
        $mail->addAddress($to);
    }
    foreach ($c['headers'] as $header) {
        $mail->addCustomHeader($header);
    }
    $mail->Subject = $c['subject'];
    $mail->Body = $body;
    $mail->send();
} elseif ($library === 'swift') {
    require '/usr/share/php/Swift/autoload.php';
    $transport = new Swift_SmtpTransport($c['host'], $c['port'], $c['implicit'] ? 'ssl' : 'tls');
    $transport->setLocalDomain($c['helo'])->setStreamOptions(['ssl' => $tls]);
    if ($c['method']) {
        $transport->setUsername($c['user'])->setPassword($c['password'])->setAuthMode($c['method']);
    }
    if ($c['early']) {
        $transport->start();
        $transport->stop();
        exit;
    }
    $message = (new Swift_Message($c['subject']))->setFrom($c['sender'])->setReturnPath($c['sender'])->setTo($c['to'])->setBody($body);
    foreach ($c['headers'] as $header) {
        $message->getHeaders()->addTextHeader(...explode(': ', $header, 2));
    }
    (new Swift_Mailer($transport))->send($message);
    $transport->stop();
} else {
    require 'Net/SMTP.php';
    $smtp = new Net_SMTP(($c['implicit'] ? 'ssl://' : '') . $c['host'], $c['port'], $c['helo'], false, 20, ['ssl' => $tls]);
    $good = $smtp->connect(20);
    if ($c['method']) {
        $good = $smtp->auth($c['user'], $c['password'], $c['method'], !$c['implicit']);
    } elseif (!$c['implicit']) {
        $good = $smtp->starttls();
    }
    if (!$good instanceof PEAR_Error && !$c['early']) {
        $good = $smtp->mailFrom($c['sender']);
        foreach ($c['to'] as $to) {
            $good = $good instanceof PEAR_Error ? $good : $smtp->rcptTo($to);
        }
        $good instanceof PEAR_Error or $smtp->data($body, $head);
    }
    $smtp->disconnect();
}
