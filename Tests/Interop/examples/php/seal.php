<?php
// Sealed bodies: ECDH-ES+A256KW and A256GCM. PHP's OpenSSL has the curve and AES; the two short rules between are here.
declare(strict_types=1);

/** Concat KDF with the algorithm's name, empty party infos, and 256 bits (RFC 7518 §4.6.2): one round of SHA-256. */
function wrappingKey(OpenSSLAsymmetricKey $private, OpenSSLAsymmetricKey $public): string
{
    $secret = openssl_pkey_derive($public, $private, 32);
    must($secret !== false, 'no shared secret');
    $name = 'ECDH-ES+A256KW';
    $secret = str_pad($secret, 32, "\0", STR_PAD_LEFT);
    return hash('sha256', pack('N', 1) . $secret . pack('N', strlen($name)) . $name . pack('N3', 0, 0, 256), true);
}

function aes(string $block, string $key, bool $decrypt = false): string
{
    $call = $decrypt ? 'openssl_decrypt' : 'openssl_encrypt';
    return $call($block, 'aes-256-ecb', $key, OPENSSL_RAW_DATA | OPENSSL_ZERO_PADDING);
}

/** AES Key Wrap of 32 octets (RFC 3394 §2.2.1). */
function wrap(string $key, string $content): string
{
    $a = str_repeat("\xA6", 8);
    $r = str_split($content, 8);
    for ($t = 1; $t <= 24; $t++) {
        $block = aes($a . $r[($t - 1) % 4], $key);
        $a = substr($block, 0, 8) ^ pack('J', $t);
        $r[($t - 1) % 4] = substr($block, 8);
    }
    return $a . implode($r);
}

function unwrap(string $key, string $wrapped): string
{
    must(strlen($wrapped) === 40, 'not a wrapped key');
    $a = substr($wrapped, 0, 8);
    $r = str_split(substr($wrapped, 8), 8);
    for ($t = 24; $t >= 1; $t--) {
        $block = aes(($a ^ pack('J', $t)) . $r[($t - 1) % 4], $key, decrypt: true);
        $a = substr($block, 0, 8);
        $r[($t - 1) % 4] = substr($block, 8);
    }
    must(hash_equals(str_repeat("\xA6", 8), $a), 'the wrapped key is not for us');
    return implode($r);
}

/** A point as a key: what stands before x and y in the DER of every P-256 public key is always the same. */
function pointKey(object $epk): OpenSSLAsymmetricKey
{
    [$x, $y] = [unb64($epk->x), unb64($epk->y)];
    must(strlen($x) === 32 && strlen($y) === 32, 'not a point');
    $der = hex2bin('3059301306072a8648ce3d020106082a8648ce3d03010703420004') . $x . $y;
    $key = openssl_pkey_get_public("-----BEGIN PUBLIC KEY-----\n" . base64_encode($der) . "\n-----END PUBLIC KEY-----");
    must($key !== false, 'no point of the curve');
    return $key;
}

/** A JWE for those certificates, and the digest for `bodyDigest`. */
function seal(mixed $body, object $header, array $certificates): array
{
    $inner = ['id' => $header->id, 'sender' => $header->sender, 'salt' => b64(random_bytes(16)), 'body' => $body];
    $plain = gzdeflate(toJson($inner));
    for ($size = 512; $size < strlen($plain); $size *= 2);
    $plain = str_pad($plain, $size, "\0");
    [$key, $iv, $protected] = [random_bytes(32), random_bytes(12), b64('{"enc":"A256GCM"}')];
    $recipients = array_map(function (string $certificate) use ($key): array {
        $ephemeral = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
        $point = openssl_pkey_get_details($ephemeral)['ec'];
        $fixed = fn(string $number) => b64(str_pad($number, 32, "\0", STR_PAD_LEFT));
        $epk = ['kty' => 'EC', 'crv' => 'P-256', 'x' => $fixed($point['x']), 'y' => $fixed($point['y'])];
        $wrapped = wrap(wrappingKey($ephemeral, openssl_pkey_get_public($certificate)), $key);
        $parameters = ['alg' => 'ECDH-ES+A256KW', 'kid' => thumbprint($certificate), 'epk' => $epk];
        return ['header' => $parameters, 'encrypted_key' => b64($wrapped)];
    }, array_values($certificates));
    $secret = openssl_encrypt($plain, 'aes-256-gcm', $key, OPENSSL_RAW_DATA, $iv, $tag, $protected);
    $sealed = [
        'protected' => $protected, 'recipients' => $recipients, 'iv' => b64($iv), 'ciphertext' => b64($secret),
        'tag' => b64($tag)];
    return [$sealed, digest($plain)];
}

/** The body, if it was sealed for us and for this very message. */
function openSealed(object $sealed, object $header, OpenSSLAsymmetricKey $key, string $certificate): mixed
{
    $protected = (array) fromJson(unb64($sealed->protected));
    must($protected['enc'] === 'A256GCM', 'another enc');
    foreach ($sealed->recipients ?? [$sealed] as $one) {
        $parameters = $protected + (array) ($one->header ?? []);
        if ($parameters['kid'] === thumbprint($certificate)) {
            $mine = $one;
            break;
        }
    }
    must(isset($mine) && $parameters['alg'] === 'ECDH-ES+A256KW', 'not sealed for us');
    $content = unwrap(wrappingKey($key, pointKey($parameters['epk'])), unb64($mine->encrypted_key));
    [$secret, $iv, $tag] = array_map(unb64(...), [$sealed->ciphertext, $sealed->iv, $sealed->tag]);
    must(strlen($tag) === 16, 'a shortened tag');  // OpenSSL would take one
    $plain = openssl_decrypt($secret, 'aes-256-gcm', $content, OPENSSL_RAW_DATA, $iv, $tag, $sealed->protected);
    must($plain !== false && digest($plain) === $header->bodyDigest, 'not the body that the header names');
    [$document, $padding] = inflate($plain);
    $inner = fromJson($document);
    $isWhole = isset($inner->id, $inner->sender, $inner->salt, $inner->body) && count((array) $inner) === 4;
    must(trim($padding, "\0") === '' && $isWhole, 'not a sealed document');
    must($inner->id === $header->id && $inner->sender === $header->sender, 'sealed for another message');
    return $inner->body;
}
