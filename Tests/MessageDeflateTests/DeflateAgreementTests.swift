import Testing

@testable import MessageDeflate

@Suite struct DeflateAgreementTests {
    private static let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    @Test(arguments: [
        // What browsers send, and what Python's websockets sends.
        ("permessage-deflate; client_max_window_bits", ""),
        (
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12", "; server_max_window_bits=12"
        ),
        ("permessage-deflate", ""),
        ("permessage-deflate;server_no_context_takeover ;\tclient_no_context_takeover", ""),
        ("permessage-deflate; server_max_window_bits=\"9\"", "; server_max_window_bits=9"),
        // The first offer that can be met.
        ("x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=8, permessage-deflate", ""),
        ("permessage-deflate; unknown, permessage-deflate; server_max_window_bits=15", "; server_max_window_bits=15"),
    ])
    func meetsAnOffer(offer: String, more: String) {
        #expect(DeflateAgreement(offers: [offer])?.header == Self.plain + more)
    }

    @Test(arguments: [
        "", ",", "permessage-deflat", "permessage-deflate; x", "permessage-deflate;", "permessage-deflate; =",
        "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=",
        "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; server_max_window_bits=+9", "permessage-deflate; server_max_window_bits=1٢",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    ])
    func declinesWhatItCannotMeet(offer: String) {
        #expect(DeflateAgreement(offers: [offer]) == nil)
    }

    @Test func looksAtEveryHeader() {
        #expect(DeflateAgreement(offers: [])?.header == nil)
        #expect(DeflateAgreement(offers: ["other", "permessage-deflate"])?.windowBits == 15)
    }
}
