// SPDX-License-Identifier: BSD-3-Clause
// A mail sender on top of Java's JSSE, as document servers and multifunction printers have it:
//   java TlsDevice.java ADDR PORT implicit|starttls NAME ROOTS.p12|- [PROTOCOL,...] [ALPN]
// ROOTS.p12 (password "changeit") are the trusted roots; '-' is the JDK's own list.
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.*;
import javax.net.ssl.*;

public class TlsDevice {
    static BufferedReader in;
    static OutputStream out;

    static void use(Socket s) throws IOException {
        in = new BufferedReader(new InputStreamReader(s.getInputStream(), StandardCharsets.UTF_8));
        out = s.getOutputStream();
    }

    static int say(String line) throws IOException {
        if (line != null) {
            out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
        for (;;) {
            String r = in.readLine();
            if (r == null) throw new EOFException("no reply");
            if (r.length() < 4 || r.charAt(3) != '-') return Integer.parseInt(r.substring(0, 3));
        }
    }

    static SSLContext context(String roots) throws Exception {
        SSLContext c = SSLContext.getInstance("TLS");
        if (roots.equals("-")) {
            c.init(null, null, null);
            return c;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream f = new FileInputStream(roots)) {
            store.load(f, "changeit".toCharArray());
        }
        TrustManagerFactory t = TrustManagerFactory.getInstance("PKIX");
        t.init(store);
        c.init(null, t.getTrustManagers(), null);
        return c;
    }

    static Socket secure(Socket plain, String[] a) throws Exception {
        SSLSocket s = (SSLSocket) context(a[4]).getSocketFactory()
                .createSocket(plain, a[3], Integer.parseInt(a[1]), true);
        SSLParameters p = s.getSSLParameters();
        p.setEndpointIdentificationAlgorithm("HTTPS");
        if (a.length > 5 && !a[5].isEmpty()) p.setProtocols(a[5].split(","));
        if (a.length > 6) p.setApplicationProtocols(a[6].split(","));
        s.setSSLParameters(p);
        s.startHandshake();
        use(s);
        return s;
    }

    public static void main(String[] a) throws Exception {
        try {
            Socket s = new Socket(a[0], Integer.parseInt(a[1]));
            use(s);
            if (a[2].equals("implicit")) s = secure(s, a);
            say(null);
            say("EHLO copier");
            if (a[2].equals("starttls")) {
                if (say("STARTTLS") != 220) throw new IOException("STARTTLS refused");
                s = secure(s, a);
                say("EHLO copier");
            }
            say("MAIL FROM:<copier@example.jp>");
            say("RCPT TO:<admin@example.jp>");
            say("DATA");
            int code = say("From: copier@example.jp\r\nTo: admin@example.jp\r\n"
                    + "Subject: Scan\r\n\r\nOne page.\r\n.");
            System.err.println("device: end of DATA " + code);
            say("QUIT");
            s.close();
        } catch (IOException e) {
            System.err.println("device: " + e);
            System.exit(1);
        }
    }
}
