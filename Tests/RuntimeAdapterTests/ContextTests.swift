import Contexts
import Foundation
import Testing

@testable import RuntimeAdapter

@Suite struct ContextTests {
    private func error(_ json: String) -> ContextError? {
        do throws(ContextError) {
            _ = try RequestContext(json: Array(json.utf8))
            return nil
        } catch { return error }
    }

    @Test func readsAllKeys() throws {
        let json = """
            {"model": "net", "device": {"runtime": "tfjs-wasm", "class": "phone-4g", "peak-gflops": 12,
             "memory-bandwidth-gbps": 10, "layer-overhead-us": 30, "memory-mib": 64},
             "network": {"bandwidth-mbps": 12, "bandwidth-deviation-mbps": 3, "round-trip-ms": 70,
             "round-trip-deviation-ms": 5}, "deadline": {"load-ms": 1500, "inference-ms": 40},
             "accuracy-floor": 0.9, "cached": ["sha256:00"], "loaded": ["sha256:01"], "client": "c", "later": 1}
            """
        let context = try RequestContext(json: Array(json.utf8))
        #expect(
            context
                == RequestContext(
                    model: "net",
                    device: RequestContext.Device(
                        runtime: "tfjs-wasm", deviceClass: "phone-4g", peakGflops: 12,
                        memoryBandwidthGBps: 10, layerOverheadUs: 30, memoryMiB: 64),
                    network: RequestContext.Network(
                        bandwidthMbps: Estimate(12, deviation: 3),
                        roundTripMs: Estimate(70, deviation: 5)),
                    loadDeadlineMs: 1500, inferenceDeadlineMs: 40, accuracyFloor: 0.9,
                    cached: ["sha256:00"], loaded: ["sha256:01"], client: "c"))
        #expect(context.issues.isEmpty)
        let again = try RequestContext(json: Array(JSONEncoder().encode(context)))
        #expect(again == context)
    }

    @Test func everythingMayBeAbsent() throws {
        #expect(try RequestContext(json: Array("{}".utf8)) == RequestContext())
        let nulls =
            #"{"device": null, "network": null, "deadline": null, "cached": null, "loaded": null}"#
        #expect(try RequestContext(json: Array(nulls.utf8)) == RequestContext())
        #expect(String(decoding: try JSONEncoder().encode(RequestContext()), as: UTF8.self) == "{}")
    }

    @Test func refusesWhatIsNoContext() {
        #expect(error("") == ContextError(code: .notJSON, key: ""))
        #expect(error("{\"model\": ") == ContextError(code: .notJSON, key: ""))
        #expect(error("[]")?.code == .wrongType)
        #expect(error(#"{"model": 3}"#) == ContextError(code: .wrongType, key: "model"))
        #expect(
            error(#"{"network": {"bandwidth-mbps": "fast"}}"#)
                == ContextError(code: .wrongType, key: "network.bandwidth-mbps"))
        #expect(
            error(#"{"cached": ["a", 1]}"#) == ContextError(code: .wrongType, key: "cached.1"))
        let large = "{\"client\": \"" + String(repeating: "x", count: 70_000) + "\"}"
        #expect(error(large)?.code == .tooLarge(limit: 65_536))
        let deep = String(repeating: "[", count: 60_000)
        #expect(error(deep) != nil)
    }

    @Test func saysWhatCannotBeUsed() {
        let context = RequestContext(
            device: RequestContext.Device(
                runtime: String(repeating: "x", count: 257), peakGflops: .nan,
                memoryMiB: -3),
            network: RequestContext.Network(bandwidthMbps: Estimate(-5, deviation: .nan)),
            loadDeadlineMs: -1, inferenceDeadlineMs: .infinity, accuracyFloor: 93,
            cached: Array(repeating: "", count: 65))
        #expect(
            context.issues.map(\.description) == [
                "deadline.load-ms: -1.0 is out of range, taken as 0.0",
                "deadline.inference-ms: inf is out of range, taken as 3600000.0",
                "accuracy-floor: 93.0 is out of range, taken as 1.0",
                "device.memory-mib: -3.0 is out of range, taken as 0.0",
                "device.runtime: longer than 256 bytes, taken as absent",
                "device.peak-gflops: not a number, taken as absent",
                "network.bandwidth-mbps: -5.0 is out of range, taken as 0.001",
                "network.bandwidth-deviation-mbps: not a number, taken as absent",
                "network.bandwidth-mbps: of no use without network.round-trip-ms, taken as absent",
                "cached: 65 entries, of which the first 64 count",
            ])
    }

    @Test func devicesThatAreNotKnownAreTheSlowest() {
        let directory = DeviceDirectory(Sample.devices)
        func deviceClass(_ device: RequestContext.Device) -> DeviceClass {
            directory.deviceClass(of: CheckedContext(RequestContext(device: device)))
        }
        let unknown = deviceClass(RequestContext.Device(runtime: "toaster"))
        #expect(unknown.isUnknown)
        #expect(directory.known(for: unknown)?.name == "low-end-phone-3g")
        let label = deviceClass(RequestContext.Device(runtime: "tfjs-wasm"))
        #expect(label.id == "runtime=tfjs-wasm")
        #expect(directory.known(for: label)?.name == "low-end-phone-3g")
        let name = deviceClass(
            RequestContext.Device(runtime: "tfjs-wasm", deviceClass: "phone-4g"))
        #expect(name.id == "class=phone-4g")
        #expect(directory.known(for: name)?.device == Sample.phone)
        let measured = deviceClass(
            RequestContext.Device(runtime: "tfjs-wasm", peakGflops: 20, memoryBandwidthGBps: 8))
        let figures = directory.known(for: measured)?.device
        #expect(abs((figures?.peakGflops ?? 0) / 20 - 1) < 0.026)
        #expect(abs((figures?.memoryBandwidthGBps ?? 0) / 8 - 1) < 0.026)
        #expect(figures?.channelMultiple == 4)
        // What lies in the same steps is the same class.
        let near = deviceClass(
            RequestContext.Device(runtime: "tfjs-wasm", peakGflops: 19.9, memoryBandwidthGBps: 8.1))
        #expect(near == measured)
    }

    @Test func withoutDevicesNothingIsPredicted() {
        let selector = VariantSelector(VariantCatalogue([Sample.candidate(1)]))
        let selection = selector.select(RequestContext())
        #expect(selection.step == .fits)
        #expect(selection.inference == nil)
        #expect(selection.load == nil)
        let strict = selector.select(RequestContext(inferenceDeadlineMs: 1000))
        #expect(strict.step == .smaller)
        #expect(
            strict.reason == .noneFits(because: .inferenceUnknown(deadlineMs: 1000)))
        let measured = RequestContext(
            device: RequestContext.Device(peakGflops: 10, memoryBandwidthGBps: 5),
            inferenceDeadlineMs: 1000)
        #expect(selector.select(measured).step == .fits)
    }
}
