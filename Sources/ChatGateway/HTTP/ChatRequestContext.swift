import Hummingbird
import NIOCore

/// What a route knows besides the request: the connection, which an event stream takes over.
struct ChatRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }
}
