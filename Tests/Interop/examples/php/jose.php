<?php
// Tokens and sealed bodies: what the protocol makes of JOSE, with P-256 keys. Knows nothing of files and calls.
declare(strict_types=1);

/** Something that must not be believed, and why. */
final class Refused extends Exception {}

function must(bool $holds, string $reason): void
{
    $holds || throw new Refused($reason);
}

function b64(string $octets): string
{
    return rtrim(strtr(base64_encode($octets), '+/', '-_'), '=');
}

function unb64(string $text): string
{
    $octets = base64_decode(strtr($text, '-_', '+/'), true);
    must($octets !== false && b64($octets) === $text, 'not base64url');
    return $octets;
}

function toJson(mixed $value): string
{
    return json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
}

/** Objects stay objects, so that {} does not come out as []. */
function fromJson(string $text): mixed
{
    return json_decode($text, false, 32, JSON_THROW_ON_ERROR);
}

function digest(string $octets): string
{
    return 'sha-256:' . hash('sha256', $octets);
}

/** Of what is signed; the signature is no part of it. */
function envelopeDigest(string $token): string
{
    return digest(substr($token, 0, (int) strrpos($token, '.')));
}

function thumbprint(string $pem): string
{
    return b64(openssl_x509_fingerprint($pem, 'sha256', true));
}

/** The document, and what stands behind the stream. */
function inflate(string $octets): array
{
    $document = gzinflate($octets, 1 << 20);
    must($document !== false, 'no DEFLATE, or too large');
    $stream = inflate_init(ZLIB_ENCODING_RAW);
    inflate_add($stream, $octets, ZLIB_FINISH);
    must(inflate_get_status($stream) === ZLIB_STREAM_END, 'no whole DEFLATE stream');
    return [$document, substr($octets, inflate_get_read_len($stream))];
}

/** OpenSSL's DER to r and s, 32 octets each, which is what JOSE wants. */
function rawSignature(string $der): string
{
    $r = substr($der, 4, ord($der[3]));
    $s = substr($der, 6 + strlen($r));
    $fixed = fn(string $number) => str_pad(ltrim($number, "\0"), 32, "\0", STR_PAD_LEFT);
    return $fixed($r) . $fixed($s);
}

function derSignature(string $raw): string
{
    $integer = function (string $number): string {
        $number = ltrim($number, "\0");
        $number = $number === '' || ord($number[0]) > 127 ? "\0$number" : $number;
        return "\x02" . chr(strlen($number)) . $number;
    };
    $both = $integer(substr($raw, 0, 32)) . $integer(substr($raw, 32));
    return "\x30" . chr(strlen($both)) . $both;
}

/** A compact JWS; an envelope is compressed, receipts are not. */
function sign(mixed $document, string $typ, OpenSSLAsymmetricKey $key, string $certificate): string
{
    $header = ['alg' => 'ES256', 'x5t#S256' => thumbprint($certificate), 'typ' => $typ];
    $payload = toJson($document);
    if ($typ === 'simpul+jws') {
        $header['zip'] = 'DEF';
        $payload = gzdeflate($payload);
    }
    $signed = b64(toJson($header)) . '.' . b64($payload);
    openssl_sign($signed, $der, $key, OPENSSL_ALGO_SHA256);
    return $signed . '.' . b64(rawSignature($der));
}

/** What a token claims, to find out who should have signed it. */
function unverified(string $token): object
{
    return fromJson(unb64(explode('.', $token)[1] ?? ''));
}

/** The document and its signer. `$trusted` maps thumbprints to the certificates (PEM) that may sign it. */
function verify(string $token, string $typ, array $trusted): array
{
    $parts = explode('.', $token);
    must(count($parts) === 3, 'not a compact JWS');
    [$header, $payload, $raw] = array_map(unb64(...), $parts);
    $header = json_decode($header, true, 2, JSON_THROW_ON_ERROR);
    $zipped = $typ === 'simpul+jws' && ($header['zip'] ?? '') === 'DEF';
    $expected = ['alg', 'typ', 'x5t#S256', ...($zipped ? ['zip'] : [])];
    must(count($header) === count($expected) && !array_diff($expected, array_keys($header)), 'parameters');
    must($header['typ'] === $typ && $header['alg'] === 'ES256' && strlen($raw) === 64, 'another typ or alg');
    must(isset($trusted[$header['x5t#S256']]), 'the signer is not trusted');
    $certificate = $trusted[$header['x5t#S256']];
    $key = openssl_pkey_get_public($certificate);
    must(openssl_pkey_get_details($key)['type'] === OPENSSL_KEYTYPE_EC, 'another kind of key');
    $good = openssl_verify("$parts[0].$parts[1]", derSignature($raw), $key, OPENSSL_ALGO_SHA256);
    must($good === 1, 'the signature does not verify');
    if ($zipped) {
        [$payload, $rest] = inflate($payload);
        must($rest === '', 'something stands behind the payload');
    }
    return [fromJson($payload), $certificate];
}
