import ArgumentParser

/// The flags of `martlet serve`. They are texts here: the same checks serve flags, environment and file.
struct ServeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Address to listen on; 0.0.0.0 is every network. (default: 127.0.0.1)"))
    var host: String?

    @Option(help: ArgumentHelp("TCP port; 0 takes any free one. (default: 8080)"))
    var port: String?

    @Option(
        help: ArgumentHelp(
            "The Redis that nodes of a cluster share: redis://, rediss:// or unix://. (default: a private one in --data)",
            valueName: "url"
        )
    )
    var redis: String?

    @Option(help: ArgumentHelp("This node's name. (default: the machine's)", valueName: "name"))
    var node: String?

    @Option(
        help: ArgumentHelp("Directory of the private Redis. (default: ~/.local/share/martlet)", valueName: "dir")
    )
    var data: String?

    @Option(help: ArgumentHelp("Event loops. (default: one for each core)", valueName: "n"))
    var threads: String?

    @Option(help: ArgumentHelp("A JSON file with settings.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical. (default: info)", valueName: "level")
    )
    var logLevel: String?

    @Option(help: ArgumentHelp("What every Redis key begins with. (default: martlet:)"))
    var prefix: String?

    @Option(help: ArgumentHelp("The certificate chain, PEM: the port speaks TLS then.", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The certificate's key, PEM.", valueName: "file"))
    var tlsKey: String?

    /// The flags that were given.
    var settings: [Setting: String] {
        [
            .host: host, .port: port, .redis: redis, .node: node, .data: data, .threads: threads, .config: config,
            .logLevel: logLevel, .prefix: prefix, .tlsCertificate: tlsCertificate, .tlsKey: tlsKey,
        ].compactMapValues { $0 }
    }
}
