<?php
// One agency at one broker: its folder, whom it believes, and its calls.
declare(strict_types=1);

final class Agency
{
    private const TRIES = 8;
    public readonly string $id, $hub, $signCertificate, $sealCertificate;
    public readonly OpenSSLAsymmetricKey $signKey, $sealKey;
    private CurlHandle $curl;
    private array $directory = [];

    public function __construct(public readonly string $folder, private readonly string $url)
    {
        $this->curl = curl_init();
        [$this->signKey, $this->signCertificate] = $this->pair('sign');
        [$this->sealKey, $this->sealCertificate] = $this->pair('seal');
        $this->id = $this->get('/v1/whoami')->agency;
        $this->hub = $this->get('/v1/directory')->broker->id;  // a name only; its certificate is in known/
    }

    private function pair(string $use): array
    {
        return [
            openssl_pkey_get_private(file_get_contents("$this->folder/$use.key")),
            file_get_contents("$this->folder/$use.pem")];
    }

    /** What came by hand. The id comes from outside, and becomes a file's name. */
    private function known(string $agency): array
    {
        must((bool) preg_match('/^id-[0-9]{2,4}(\.[a-z0-9-]{1,32}){1,4}$/D', $agency), 'no agency id');
        $path = "$this->folder/known/$agency.pem";
        preg_match_all('/-----BEGIN.*?END CERTIFICATE-----/s', is_file($path) ? file_get_contents($path) : '', $found);
        return array_combine(array_map(thumbprint(...), $found[0]), $found[0]);
    }

    /** Known `sign` certificates, and what one of them has endorsed for that use. Never the broker's word alone. */
    public function trusted(string $agency, string $use): array
    {
        $known = $this->known($agency);
        $found = $use === 'sign' ? $known : [];
        if ($agency !== $this->hub) {
            $this->directory[$agency] ??= $this->get("/v1/directory/$agency")->certificates;
        }
        foreach ($this->directory[$agency] ?? [] as $one) {
            if ($one->use !== $use || !isset($one->endorsement)) {
                continue;
            }
            [$claim] = verify($one->endorsement, 'simpul-key+jws', $known);
            $thumb = thumbprint($one->pem);
            $named = [$claim->agency, $claim->use, $claim->{'x5t#S256'}] === [$agency, $use, $thumb];
            if ($named && strtotime($claim->from) <= time() && time() < strtotime($claim->until)) {
                $found[$thumb] = $one->pem;
            }
        }
        return $found;
    }

    /** A receipt about that message. Its rung says who must have signed it: nobody opens for another. */
    public function receipt(string $token, string $sender, string $message, string $digest): object
    {
        $claim = unverified($token);
        $by = match ($claim->rung) {
            'opened' => [$claim->agency],
            'acknowledged' => [$this->hub, $claim->agency],
            default => [$this->hub],
        };
        $trusted = array_merge(...array_map(fn($agency) => $this->trusted($agency, 'sign'), $by));
        [$receipt, $certificate] = verify($token, 'simpul-receipt+jws', $trusted);
        $said = [$receipt->broker, $receipt->sender, $receipt->id ?? null, $receipt->digest ?? null];
        must($said === [$this->hub, $sender, $message, $digest], 'a receipt about something else');
        must(inDate($certificate, $receipt->at), "the receipt's signer was not in date");
        return $receipt;
    }

    public function get(string $path): ?object
    {
        [$status, $text] = $this->call('GET', $path);
        must($status < 300, "GET $path: $status $text");
        return $text === '' ? null : fromJson($text);  // 204 has none
    }

    /** Status and body, whatever they are. What may pass later is tried again with the same octets. */
    public function call(string $method, string $path, string $body = '', string $type = 'application/jose'): array
    {
        for ($attempt = 0; $attempt < self::TRIES; $attempt++) {
            $retryAfter = 0;
            curl_reset($this->curl);
            curl_setopt_array($this->curl, [
                CURLOPT_URL => $this->url . $path, CURLOPT_CUSTOMREQUEST => $method, CURLOPT_RETURNTRANSFER => true,
                CURLOPT_CAINFO => "$this->folder/ca.pem", CURLOPT_SSLCERT => "$this->folder/tls.pem",
                CURLOPT_SSLKEY => "$this->folder/tls.key", CURLOPT_NOPROXY => '*', CURLOPT_CONNECTTIMEOUT => 10,
                CURLOPT_TIMEOUT => 75, CURLOPT_HTTPHEADER => $body === '' ? [] : ["Content-Type: $type"],
                CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$retryAfter): int {
                    $retryAfter = sscanf(strtolower($line), 'retry-after: %d')[0] ?? $retryAfter;
                    return strlen($line);
                }]);
            if ($method === 'POST') {
                curl_setopt($this->curl, CURLOPT_POSTFIELDS, $body);
            }
            $text = curl_exec($this->curl);
            $status = curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE);
            if ($text !== false && $status !== 429 && $status < 500) {
                return [$status, $text];
            }
            fwrite(STDERR, $text === false ? 'no answer: ' . curl_error($this->curl) . "\n" : '');
            usleep((int) (1e6 * ($retryAfter + min(60, 2 ** $attempt) * mt_rand() / mt_getrandmax())));
        }
        throw new Refused('the broker cannot be reached; what is stored goes out with the next send');
    }
}

function inDate(string $certificate, string $at): bool
{
    $dates = openssl_x509_parse($certificate);
    return $dates['validFrom_time_t'] <= strtotime($at) && strtotime($at) <= $dates['validTo_time_t'];
}
