import ChatCore
import Logging

extension NodeConfiguration {
    /// Reads and checks every setting.
    ///
    /// - Throws: ``UserFacingError`` for the first value that is not allowed.
    init(_ settings: SettingsReader) throws {
        self.init()
        host = try settings.host(default: host)
        port = try settings.integer(.port, default: port, in: 0...65535)
        redis = try settings.redisEndpoint()
        redisRoots = try settings.redisRoots()
        node = try settings.nodeName()
        data = settings.dataDirectory()
        threads = try settings.integer(.threads, default: threads, in: 1...1024)
        logLevel = try settings.logLevel(default: logLevel)
        prefix = try settings.keyPrefix(default: prefix)

        lease = try settings.duration(.lease, default: lease, in: .seconds(1) ... .seconds(600))
        heartbeat = try settings.duration(.heartbeat, default: heartbeat, in: .milliseconds(100) ... .seconds(200))
        grace = try settings.duration(.grace, default: grace, in: .zero ... .seconds(300))
        drain = try settings.duration(.drain, default: drain, in: .zero ... .seconds(600))
        pingInterval = try settings.duration(.pingInterval, default: pingInterval, in: .seconds(1) ... .seconds(300))
        helloTimeout = try settings.duration(
            .helloTimeout,
            default: helloTimeout,
            in: .milliseconds(100) ... .seconds(300)
        )
        redisDeadline = try settings.duration(
            .redisDeadline,
            default: redisDeadline,
            in: .milliseconds(50) ... .seconds(60)
        )

        ackReplicas = try settings.integer(.ackReplicas, default: ackReplicas, in: 0...10)
        ackTimeout = try settings.duration(.ackTimeout, default: ackTimeout, in: .milliseconds(1) ... .seconds(30))

        // Below the largest frame to a client (256 KiB) a session could be closed for reading one page of history.
        outboundLimit = try settings.byteCount(.outboundLimit, default: outboundLimit, in: 262_144...1_073_741_824)
        retention = try settings.integer(.retention, default: retention, in: 1...10_000_000)
        // A quotation mark takes two bytes of JSON, and an entry has to fit into one frame with a list of entries (224 KiB).
        textLimit = try settings.byteCount(.textLimit, default: textLimit, in: 1...98_304)
        frameLimit = try settings.byteCount(.frameLimit, default: frameLimit, in: 2048...1_048_576)
        guests = try settings.flag(.guests, default: guests)
        accounts = try settings.flag(.accounts, default: accounts)
        issuers = try settings.issuers()
        operators = try settings.operators(default: operators)
        tokenLifetime = try settings.duration(
            .tokenLifetime, default: tokenLifetime, in: .seconds(5) ... .seconds(86_400))
        refreshLifetime = try settings.duration(
            .refreshLifetime, default: refreshLifetime, in: .seconds(60) ... .seconds(366 * 86_400))
        // The link's own bound on what awaits an answer is 16 MiB.
        attachmentLimit = try settings.byteCount(.attachmentLimit, default: attachmentLimit, in: 0...8_388_608)
        attachmentsPerRoom = try settings.byteCount(
            .attachmentsPerRoom, default: attachmentsPerRoom, in: 0...1_099_511_627_776)
        attachmentLinks = try settings.duration(
            .attachmentLinks, default: attachmentLinks, in: .seconds(60) ... .seconds(30 * 24 * 3600))
        roomsPerSession = try settings.integer(.roomsPerSession, default: roomsPerSession, in: 1...10_000)
        largeRoom = try settings.integer(.largeRoom, default: largeRoom, in: 10...100_000)
        burst = try settings.integer(.burst, default: burst, in: 1...10_000)
        rate = try settings.value(.rate, default: rate, allowed: "a number from 0.1 to 10000 (frames a second)") {
            text in
            Double(text).flatMap { (0.1...10_000).contains($0) ? $0 : nil }
        }
        userFrames = try settings.optionalAllowance(.userFrames)
        userJoins = try settings.allowance(.userJoins, default: userJoins)
        strangerMessages = try settings.allowance(.strangerMessages, default: strangerMessages)
        userRenames = try settings.allowance(.userRenames, default: userRenames)
        userUploads = try settings.kibibytes(.userUploads, default: userUploads)
        registrations = try settings.allowance(.registrations, default: registrations)
        failedLogins = try settings.allowance(.failedLogins, default: failedLogins)
        trustedProxies = try settings.trustedProxies(default: trustedProxies)
        proxyProtocol = try settings.flag(.proxyProtocol, default: proxyProtocol)
        origins = try settings.origins(default: origins)
        connectionsPerAddress = try settings.integer(
            .connectionsPerAddress, default: connectionsPerAddress, in: 0...1_000_000)
        sessionsPerUser = try settings.integer(.sessionsPerUser, default: sessionsPerUser, in: 0...1_000_000)
        tls = try settings.tlsFiles()
        compression = try settings.flag(.compression, default: compression)
        compressionThreshold = try settings.byteCount(
            .compressionThreshold, default: compressionThreshold, in: 0...1_048_576)
        secret = try settings.tokenSecret()
        webRoot = try settings.webRoot()
        try checkTogether(settings)
    }

    /// What no single setting can tell.
    private func checkTogether(_ settings: SettingsReader) throws {
        guard guests || accounts || !issuers.isEmpty else {
            throw UserFacingError(
                "nobody may come in: set \(Setting.guests.variable) or \(Setting.accounts.variable) to true,"
                    + " or \(Setting.issuers.variable)"
            )
        }
        // With fewer than two spare heartbeats one slow answer of Redis would make a healthy node look dead.
        guard heartbeat * 3 <= lease else {
            let (heartbeat, lease) = (DurationText.format(heartbeat), DurationText.format(lease))
            throw UserFacingError(
                "heartbeat \(heartbeat)\(settings.place(of: .heartbeat)) must be at most a third of"
                    + " lease \(lease)\(settings.place(of: .lease)): set \(Setting.heartbeat.variable)"
                    + " or \(Setting.lease.variable)"
            )
        }
        guard ackReplicas == 0 || ackTimeout < redisDeadline else {
            let (timeout, deadline) = (DurationText.format(ackTimeout), DurationText.format(redisDeadline))
            throw UserFacingError(
                "ackTimeout \(timeout)\(settings.place(of: .ackTimeout)) must be below"
                    + " redisDeadline \(deadline)\(settings.place(of: .redisDeadline)): set"
                    + " \(Setting.ackTimeout.variable) or \(Setting.redisDeadline.variable)"
            )
        }
        guard !userUploads.isLimited || userUploads.amount * 1_024 >= attachmentLimit else {
            throw UserFacingError(
                "userUploads \(userUploads.amount)KiB\(settings.place(of: .userUploads)) is less than one attachment of"
                    + " attachmentLimit \(attachmentLimit)\(settings.place(of: .attachmentLimit)): set"
                    + " \(Setting.userUploads.variable) or \(Setting.attachmentLimit.variable)"
            )
        }
        // A frame also holds its type, its room and its ids.
        guard textLimit + 1024 <= frameLimit else {
            throw UserFacingError(
                "textLimit \(textLimit)\(settings.place(of: .textLimit)) leaves no room in a frame of frameLimit"
                    + " \(frameLimit)\(settings.place(of: .frameLimit)): it must be at least 1024 bytes below;"
                    + " set \(Setting.textLimit.variable) or \(Setting.frameLimit.variable)"
            )
        }
    }
}
