/// Somebody outside whose tokens (JWTs, RFC 7519) are good here, and what is expected of them.
public struct Issuer: Sendable, Equatable {
    /// Where an issuer's keys are.
    public enum KeyPlace: Sendable, Equatable {
        /// A file with a secret that is shared with the issuer; an absolute path.
        case secret(file: String)
        /// A file with a JWK Set, or a public key in PEM; an absolute path.
        case file(String)
        /// Where the issuer publishes its JWK Set.
        case url(String)
    }

    /// Names of claims: of one on top, or with dots, of one further in (`realm_access.roles`).
    public struct ClaimNames: Sendable, Equatable {
        public var user = "sub"
        public var name = "name"
        public var roles = "roles"
        public var rooms = "rooms"

        public init() {}
    }

    /// What `iss` says, to the letter.
    public var name: String
    /// One of these must be in `aud`.
    public var audiences: [String]
    public var algorithms: Set<SigningAlgorithm>
    public var keys: KeyPlace
    /// What the key in a file is named by; `nil`: it is the only one, and fits all names.
    public var keyID: String?
    /// What ids of the issuer's users begin with, before a `-`: 1–4 of `a-z 0-9`; not `g` or `u`, and no other issuer's.
    public var prefix = "x"
    public var claims = ClaimNames()
    /// The role that makes an operator; empty: this issuer makes none.
    public var operatorRole = "operator"
    /// How far clocks may be apart.
    public var leeway = Duration.seconds(30)
    /// How often keys are fetched from a URL.
    public var refreshInterval = Duration.seconds(600)
    /// How long after fetching keys a token with an unknown key may make the node fetch them again.
    public var unknownKeyInterval = Duration.seconds(30)

    public init(name: String, audiences: [String], algorithms: Set<SigningAlgorithm>, keys: KeyPlace) {
        self.name = name
        self.audiences = audiences
        self.algorithms = algorithms
        self.keys = keys
    }
}
