-- SPDX-License-Identifier: BSD-3-Clause
-- One mail by LuaSocket's smtp and LuaSec: client.lua HOST PORT tls|starttls VERSION CIPHERS SUITE HELO USER PASSWORD METHOD SENDER
-- MAIL-FILE RECIPIENT...
local socket, smtp, ssl, ltn12 = require("socket"), require("socket.smtp"), require("ssl"), require("ltn12")
local host, port, how, version, ciphers, suite, helo, user, password, method, sender, file = table.unpack(arg)
local recipients = {}
for i = 13, #arg do recipients[#recipients + 1] = "<" .. arg[i] .. ">" end
local params = { mode = "client", protocol = version == "1.3" and "tlsv1_3" or "tlsv1_2", verify = "none", ciphers = ciphers ~= "" and ciphers .. ":@SECLEVEL=0" or nil,
    ciphersuites = suite ~= "" and suite or nil }
local function create()
    local sock = socket.tcp()
    return setmetatable({ connect = function(_, ...)
        local good, err = sock:connect(...)
        if not good then return good, err end
        sock = assert(ssl.wrap(sock, params))
        return sock:dohandshake()
    end }, { __index = function(_, name) return function(_, ...) return sock[name](sock, ...) end end })
end
local s = smtp.open(host, tonumber(port), how == "tls" and create or nil)
local send = socket.protect(function()
    s:greet(helo)
    if how == "starttls" then
        s.try(s.tp:command("STARTTLS"))
        s.try(s.tp:check("2.."))
        local sock = assert(ssl.wrap(s.tp.c, params))
        assert(sock:dohandshake())
        s.tp.c = sock
        s.try(s.tp:command("EHLO", helo))
        s.try(s.tp:check("2.."))
    end
    if method == "PLAIN" then s:plain(user, password) elseif method == "LOGIN" then s:login(user, password) end
    local input = assert(io.open(file, "rb"))
    s:send({ from = "<" .. sender .. ">", rcpt = recipients, source = ltn12.source.string(input:read("a")) })
    s:quit()
    s:close()
    return 1
end)
print(send())
