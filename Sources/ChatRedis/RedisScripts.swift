public import RedisClient

/// The Lua scripts in `Scripts/`, each described at the head of its file.
public enum RedisScripts {
    /// All of them: every command link that serves a store of this module has to load these in its handshake.
    public static let all: [RedisScript] = [
        append, appendPaced, change, page, since, renew, notify,
        share, shares, members, reap, heartbeat, resign, bury,
        claim, free, arrive, depart, summary,
        throttle, logout,
        profile, setting, block, visit, read, conversation,
        policy, moderate, clusterban,
    ]

    static let append = make(
        "append", PackageResources.append_usual_lua, PackageResources.log_prelude_lua,
        PackageResources.append_prelude_lua, PackageResources.append_lua
    )
    /// The same for a room that sets a pace.
    static let appendPaced = make(
        "append_paced", Array("local function append()".utf8), PackageResources.append_usual_lua,
        PackageResources.log_prelude_lua, PackageResources.append_prelude_lua, PackageResources.append_lua,
        Array("end".utf8), PackageResources.append_paced_lua
    )
    static let change = make(
        "change", PackageResources.log_prelude_lua, PackageResources.append_prelude_lua, PackageResources.change_lua
    )
    static let page = make("page", PackageResources.log_prelude_lua, PackageResources.page_lua)
    static let since = make("since", PackageResources.log_prelude_lua, PackageResources.since_lua)
    static let renew = make("renew", PackageResources.log_prelude_lua, PackageResources.renew_lua)
    static let notify = make("notify", PackageResources.notify_lua)

    static let share = make("share", PackageResources.presence_prelude_lua, PackageResources.share_lua)
    static let shares = make("shares", PackageResources.shares_lua)
    static let members = make("members", PackageResources.members_lua)
    static let reap = make("reap", PackageResources.presence_prelude_lua, PackageResources.reap_lua)
    static let heartbeat = make("heartbeat", PackageResources.heartbeat_lua)
    static let resign = make("resign", PackageResources.resign_lua)
    static let bury = make("bury", PackageResources.bury_lua)

    static let claim = make("claim", PackageResources.claim_lua)
    static let free = make("free", PackageResources.free_lua)
    static let arrive = make("arrive", PackageResources.arrive_lua)
    static let depart = make("depart", PackageResources.depart_lua)
    static let profile = make("profile", PackageResources.profile_lua)
    static let setting = make("setting", PackageResources.setting_lua)
    static let block = make("block", PackageResources.block_lua)
    static let visit = make("visit", PackageResources.visit_lua)
    static let read = make("read", PackageResources.read_lua)
    static let conversation = make("conversation", PackageResources.conversation_lua)
    static let summary = make("summary", PackageResources.summary_lua)

    static let policy = make("policy", PackageResources.log_prelude_lua, PackageResources.policy_lua)
    static let moderate = make("moderate", PackageResources.log_prelude_lua, PackageResources.moderate_lua)
    static let clusterban = make("clusterban", PackageResources.clusterban_lua)

    static let throttle = make("throttle", PackageResources.throttle_lua)
    static let logout = make("logout", PackageResources.logout_lua)

    /// Lua has no way to share code between scripts in Redis, so a prelude is put in front.
    private static func make(_ name: String, _ parts: [UInt8]...) -> RedisScript {
        RedisScript(name: name, source: parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))
    }
}
