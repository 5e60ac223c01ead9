<?php
// php main.php FOLDER URL compose FILE | send [FILE] | receive | outbox
declare(strict_types=1);

foreach (['jose', 'seal', 'agency', 'store'] as $part) {
    require __DIR__ . "/$part.php";
}

const UUID = '/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/D';
const TOLD = ['recalled', 'overdue', 'escalated', 'expired', 'bounced']; // what a recipient is told of

function uuid7(): string
{
    $octets = substr(pack('J', (int) (microtime(true) * 1000)), 2) . random_bytes(10);
    $octets[6] = chr(0x70 | ord($octets[6]) & 0x0F);
    $octets[8] = chr(0x80 | ord($octets[8]) & 0x3F);
    return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($octets), 4));
}

function timeText(string $when = 'now'): string
{
    return (new DateTimeImmutable($when, new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.vp');
}

/** Makes the envelope once and stores it; a document whose id is stored already is not made again. */
function compose(Agency $agency, string $file): string
{
    ['header' => $header, 'body' => $body] = (array) fromJson(file_get_contents($file));
    $filled = [
        'id' => uuid7(), 'schema' => "$header->type/1.0", 'hub' => $agency->hub, 'sender' => $agency->id,
        'sent' => timeText(), 'expires' => timeText('+1 day')];
    $header = (object) ((array) $header + $filled);
    must((bool) preg_match(UUID, $header->id), 'no message id');
    $path = "$agency->folder/store/out/$header->id.jose";
    if (is_file($path)) {
        return $path;
    }
    // A consent names nobody and is for the broker to read, also where it is a child's.
    $aboutChild = in_array($header->child ?? '', ['yes', 'presumed']) && ($header->type ?? '') !== 'consent';
    $sensitive = in_array($header->privacy ?? '', ['P3', 'P4']) || $aboutChild;
    if ($sensitive) {
        $certificates = [];
        foreach ([...$header->recipients, ...$header->fallback ?? []] as $party) {
            $found = $agency->trusted($party, 'seal');
            must($found !== [], "$party has no seal certificate that can be believed");
            $certificates += $found;
        }
        [$body, $header->bodyDigest] = seal($body, $header, $certificates);
    }
    $document = ['header' => $header, 'body' => $body];
    store($path, sign($document, 'simpul+jws', $agency->signKey, $agency->signCertificate));
    return $path;
}

/** Sends the stored octets, and stores the broker's signed word for what became of them. */
function submit(Agency $agency, string $path): void
{
    $envelope = file_get_contents($path);
    [$status, $text] = $agency->call('POST', '/v1/messages', $envelope);
    $about = [$agency->id, basename($path, '.jose'), envelopeDigest($envelope)];
    if ($status === 200 || $status === 201) {
        $receipt = $agency->receipt($text, ...$about);
        must($receipt->rung === 'accepted', 'no acceptance');
        store(preg_replace('/jose$/', 'receipt', $path), $text);
        echo "accepted $about[1] at $receipt->at\n";
        return;
    }
    $problem = fromJson($text);
    fwrite(STDERR, "$problem->code: $problem->detail\n");
    foreach ($problem->errors ?? [] as $fault) {
        fwrite(STDERR, "  $fault->pointer: $fault->detail\n");
    }
    if (isset($problem->receipt)) {  // signed: these octets are refused. Otherwise they stay for the next send.
        must($agency->receipt($problem->receipt, ...$about)->rung === 'refused', 'no refusal');
        store(preg_replace('/jose$/', 'refused', $path), $text);
    }
    exit(1);
}

function send(Agency $agency, ?string $file = null): void
{
    $composed = $file === null ? [] : [compose($agency, $file)];
    $decided = fn(string $path) => glob(preg_replace('/jose$/', '{receipt,refused}', $path), GLOB_BRACE) !== [];
    $waiting = array_filter(glob("$agency->folder/store/out/*.jose"), fn($path) => !$decided($path));
    foreach (array_unique([...$composed, ...$waiting]) as $path) {
        submit($agency, $path);
    }
}

/** All that waits. What cannot be believed is handed to nobody, and given back for a while. */
function receive(Agency $agency): void
{
    $failed = 0;
    while ($answer = $agency->get('/v1/inbox?max=10')) {
        foreach ($answer->deliveries as $one) {
            $call = "/v1/deliveries/$one->delivery";
            try {
                $receipt = isset($one->envelope) ? handle($agency, $one) : note($agency, $one);
            } catch (Throwable $error) {
                $failed = 1;
                fwrite(STDERR, "not believed: {$error->getMessage()}\n");
                $back = toJson(['reason' => 'not-believed', 'retryAfter' => 600]);
                $agency->call('POST', "$call/nack", $back, 'application/json');
                continue;
            }
            $agency->call('POST', "$call/ack", $receipt);  // where this fails, it comes again as a repeat
        }
    }
    exit($failed);
}

/** Verifies, opens, stores and shows a message; the receipt that it was opened. */
function handle(Agency $agency, object $one): string
{
    [$document, $signer] = verify($one->envelope, 'simpul+jws', $agency->trusted($one->sender, 'sign'));
    [$header, $body] = [$document->header, $document->body];
    $about = [$header->sender, $header->id, envelopeDigest($one->envelope)];
    $accepted = $agency->receipt($one->receipt, ...$about);
    must($accepted->rung === 'accepted' && inDate($signer, $accepted->at), 'not in date');
    must([$one->sender, $one->id, $agency->hub] === [$about[0], $about[1], $header->hub], 'not the message delivered');
    must(in_array($agency->id, [...$header->recipients, ...$header->fallback ?? []], true), 'not meant for us');
    if (isset($body->ciphertext)) {
        $body = openSealed($body, $header, $agency->sealKey, $agency->sealCertificate);
    }
    must((bool) preg_match(UUID, $header->id), 'no message id');
    $path = "$agency->folder/store/in/$header->sender/$header->id.json";
    if (!is_file($path)) {  // a repeat is acknowledged, and nothing more
        store($path, toJson($one));
        echo toJson(['header' => $header, 'body' => $body]), "\n";
    }
    $opened = [
        'v' => 1, 'rung' => 'opened', 'broker' => $agency->hub, 'sender' => $about[0], 'id' => $about[1],
        'digest' => $about[2], 'at' => timeText(), 'agency' => $agency->id, 'by' => 'petugas-piket'];
    return sign($opened, 'simpul-receipt+jws', $agency->signKey, $agency->signCertificate);
}

/** A rung of a message of ours; that one for us is late or taken back; or that another agency is late: stored. */
function note(Agency $agency, object $one): string
{
    must((bool) preg_match(UUID, $one->id), 'no message id');
    $claim = unverified($one->receipt);
    $rung = $agency->receipt($one->receipt, $claim->sender, $one->id, $claim->digest);
    $ours = $rung->sender === $agency->id;
    // What was recalled may not be used any more; answerBy says by when to answer.
    $aboutUs = in_array($rung->rung, TOLD, true) && $rung->agency === $agency->id;
    must($ours || $aboutUs || in_array($agency->id, $rung->to ?? [], true), 'a rung that is not for us');
    $path = "$agency->folder/store/" . ($ours ? "out/$one->id.jose" : "in/$rung->sender/$one->id.json");
    if ($ours || $rung->rung === 'recalled' || is_file($path)) { // who is late may not have got it yet
        must(is_file($path), 'a rung of a message that is not in this store');
        $stored = file_get_contents($path);
        $envelope = $ours ? $stored : fromJson($stored)->envelope;
        must(envelopeDigest($envelope) === $rung->digest, 'a rung of another message');
    }
    $parts = array_filter([$one->id, $rung->agency, $rung->rung, $rung->clock ?? null, $rung->step ?? null]);
    store("$agency->folder/store/rungs/" . implode('.', $parts), $one->receipt);
    echo "rung $rung->rung $one->id by $rung->agency\n";
    return '';
}

/** What became of the messages of the last week. A page may be short and yet not the last: `next` says. */
function outbox(Agency $agency): void
{
    $query = ['since' => timeText('-7 days'), 'limit' => 50];
    do {
        $page = $agency->get('/v1/messages?' . http_build_query($query, encoding_type: PHP_QUERY_RFC3986));
        foreach ($page->messages as $message) {
            foreach ($message->recipients as $row) {
                $about = [$agency->id, $message->id, $message->digest];
                $rungs = array_map(fn($one) => $agency->receipt($one->receipt, ...$about)->rung, $row->rungs);
                echo implode(' ', [$message->id, $message->type, $row->agency, $row->state, ...$rungs]), "\n";
            }
        }
        $query['cursor'] = $page->next;
    } while ($page->next !== null);
}

try {
    [, $folder, $url, $command] = $argv;
    must(in_array($command, ['compose', 'send', 'receive', 'outbox'], true), 'no such command');
    $done = $command(new Agency($folder, $url), ...array_slice($argv, 4));
    echo $done === null ? '' : "$done\n";
} catch (Refused $error) {
    fwrite(STDERR, "not done: {$error->getMessage()}\n");
    exit(1);
}
