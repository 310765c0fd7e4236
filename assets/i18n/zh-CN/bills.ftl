why-hash = 文件的 SHA-1 为 { $found }，微信支付给出的是 { $expected }：这不是所请求的文件，或在途中被改动
why-packed = 文件已完整收到，但无法解压：{ $source }
why-link = 下载链接指向 { $found }，或其哈希无法校验
advice-hash = 没有写入任何文件。请重试；若持续如此，请检查与微信支付之间的网络设备。
advice-link = 没有下载任何内容。请检查 base_url 以及与微信支付之间的网络设备。
