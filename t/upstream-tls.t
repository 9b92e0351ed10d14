# Providers behind TLS: who they are is verified.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

use File::Temp 'tempdir';

no_long_string();
no_root_location();

# an authority, and certificates of it; another one that nobody trusts

BEGIN {
    my $dir = tempdir(CLEANUP => 1);
    my $new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";

    sub openssl {
        system("openssl $_[0] >/dev/null 2>&1") == 0 or die "openssl $_[0]";
    }

    openssl("req -x509 $new -subj /CN=test-ca -keyout $dir/ca.key "
            . "-out $dir/ca.crt");

    for my $name ("api.openai.com", "other.test", "revoked") {
        openssl("req $new -subj /CN=$name -keyout $dir/$name.key "
                . "-out $dir/$name.csr");

        open my $out, ">", "$dir/$name.ext" or die $!;
        print $out "subjectAltName=DNS:",
            $name eq "revoked" ? "api.openai.com" : $name, "\n";
        close $out;

        openssl("x509 -req -in $dir/$name.csr -CA $dir/ca.crt "
                . "-CAkey $dir/ca.key -CAcreateserial -days 2 "
                . "-extfile $dir/$name.ext -out $dir/$name.crt");
    }

    openssl("req -x509 $new -subj /CN=api.openai.com "
            . "-addext subjectAltName=DNS:api.openai.com "
            . "-keyout $dir/self.key -out $dir/self.crt");

    # the authority takes one back

    open my $config, ">", "$dir/ca.cnf" or die $!;
    print $config "[ca]\ndefault_ca=c\n[c]\ndatabase=$dir/index.txt\n"
        . "default_md=sha256\ndefault_crl_days=2\n";
    close $config;

    open my $index, ">", "$dir/index.txt" or die $!;
    close $index;

    my $ca = "ca -config $dir/ca.cnf -keyfile $dir/ca.key -cert $dir/ca.crt";

    openssl("$ca -revoke $dir/revoked.crt");
    openssl("$ca -gencrl -out $dir/crl.pem");

    chmod 0755, $dir;

    $ENV{TEST_NGINX_CERTS} = $dir;
    $ENV{SSL_CERT_FILE} = "$dir/ca.crt";
}

# answers with the name that it was asked for

sub provider {
    my ($certificate, $parameters) = @_;

    return <<"EOF";
    aistream_retry attempts=1;

    upstream provider {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        keepalive 4;
        aistream_provider openai $parameters;
        aistream_key sk-test;
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_1 ssl;
        ssl_certificate     \$TEST_NGINX_CERTS/$certificate.crt;
        ssl_certificate_key \$TEST_NGINX_CERTS/$certificate.key;
        location / {
            aistream_mock openai
                "text=\$ssl_server_name \$host \$ssl_session_reused";
        }
    }
EOF
}

AIStream::defaults(
    config => AIStream::location("aistream_protocol text;"),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: the system's authorities verify the certificate
--- http_config eval: main::provider("api.openai.com", "")
--- response_body chomp
api.openai.com api.openai.com .
--- no_error_log
[error]



=== TEST 2: ca= verifies the certificate
--- http_config eval: main::provider("api.openai.com", 'ca=$TEST_NGINX_CERTS/ca.crt')
--- response_body chomp
api.openai.com api.openai.com .
--- no_error_log
[error]



=== TEST 3: the server name is the host without its port
--- http_config eval: main::provider("other.test", "host=other.test:8443")
--- response_body chomp
other.test other.test .
--- no_error_log
[error]



=== TEST 4: a certificate for another name is refused
--- http_config eval: main::provider("other.test", "")
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
upstream SSL certificate does not match "api.openai.com"
--- no_error_log
sk-test



=== TEST 5: a self-signed certificate is refused
--- http_config eval: main::provider("self", "")
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
upstream SSL certificate verify error
--- no_error_log
sk-test



=== TEST 6: a certificate of another authority is refused
--- http_config eval: main::provider("api.openai.com", 'ca=$TEST_NGINX_CERTS/self.crt')
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
upstream SSL certificate verify error



=== TEST 7: verify=off accepts any certificate
--- http_config eval: main::provider("self", "verify=off")
--- response_body chomp
api.openai.com api.openai.com .
--- no_error_log
[error]



=== TEST 8: a provider without TLS is provider_unreachable
--- http_config
    aistream_retry attempts=1;

    upstream provider {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai;
        aistream_key sk-test;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai; }
    }
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
SSL_do_handshake() failed



=== TEST 9: port 80 with TLS is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:80;
        aistream_provider openai;
        aistream_key sk-test;
    }
--- must_die
--- error_log
write "server 127.0.0.1:443", or add "tls=off"



=== TEST 10: a revoked certificate is refused
--- http_config eval: main::provider("revoked", 'ca=$TEST_NGINX_CERTS/ca.crt crl=$TEST_NGINX_CERTS/crl.pem')
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
upstream SSL certificate verify error: (23:certificate revoked)



=== TEST 11: a revoked certificate is accepted without crl=
--- http_config eval: main::provider("revoked", 'ca=$TEST_NGINX_CERTS/ca.crt')
--- response_body chomp
api.openai.com api.openai.com .
--- no_error_log
[error]



=== TEST 12: a certificate that is not revoked is accepted
--- http_config eval: main::provider("api.openai.com", 'ca=$TEST_NGINX_CERTS/ca.crt crl=$TEST_NGINX_CERTS/crl.pem')
--- response_body chomp
api.openai.com api.openai.com .
--- no_error_log
[error]



=== TEST 13: a missing revocation list is rejected
--- http_config eval: main::provider("api.openai.com", 'crl=$TEST_NGINX_CERTS/none.pem')
--- must_die
--- error_log
none.pem
