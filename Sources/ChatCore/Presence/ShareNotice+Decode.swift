public import ChatProtocol

extension ShareNotice {
    /// Reads `{"type":"share","node":…,"size":…,"here":[…],"gone":[…]}`; `nil` when it is something else.
    public init?(_ json: JSONValue) {
        guard json["type"]?.string == "share", let node = json["node"]?.string.flatMap({ NodeID($0) }),
            let size = json["size"]?.integer, size >= 0
        else { return nil }
        let here = (json["here"]?.array ?? []).compactMap { user in
            user["id"]?.string.flatMap { UserID($0) }.map { PresentUser(id: $0, json: user) }
        }
        let gone = (json["gone"]?.array ?? []).compactMap { user in
            user.string.flatMap { UserID($0) }.map {
                PresentUser(id: $0, name: "", status: "offline", since: 0, sessions: 0)
            }
        }
        self.init(node: node, size: Int(size), changes: ShareChanges(here: here, gone: gone))
    }
}

extension PresentUser {
    /// Reads what a share's hash has for a user; what is missing gets a plain default.
    public init(id: UserID, json: JSONValue) {
        self.init(
            id: id,
            name: json["name"]?.string ?? id.string,
            status: json["status"]?.string ?? "online",
            statusText: json["statusText"]?.string,
            since: json["since"]?.integer ?? 0,
            sessions: Int(json["sessions"]?.integer ?? 1)
        )
    }
}
