why-hash = The file’s SHA-1 is { $found }, WeChat Pay named { $expected }: it is not the file that was asked for, or it was altered on the way
why-packed = The file came whole, but does not unpack: { $source }
why-link = The link to the file leads to { $found }, or its hash cannot be checked
advice-hash = Nothing was written. Try again; if it stays so, check what stands between you and WeChat Pay.
advice-link = Nothing was fetched. Check base_url and what stands between you and WeChat Pay.
