<?php
// Files that outlive a crash. A real system has a table for each of these; what matters is the order of writing.
declare(strict_types=1);

/** The file is on disk, whole, before this returns, or it is not there. */
function store(string $path, string $octets): void
{
    is_dir(dirname($path)) || mkdir(dirname($path), 0700, true);
    $file = fopen("$path.new", 'wb');
    $written = fwrite($file, $octets) === strlen($octets) && fsync($file);
    must($written && fclose($file) && rename("$path.new", $path), "$path cannot be written");
}
