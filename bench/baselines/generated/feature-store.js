/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const FeatureStore = $root.FeatureStore = (() => {

    const FeatureStore = function(rpcImpl, requestDelimited, responseDelimited) {
        $protobuf.rpc.Service.call(this, rpcImpl, requestDelimited, responseDelimited);
    };

    $Object.defineProperty(FeatureStore.prototype = $Object.create($protobuf.rpc.Service.prototype), "constructor", { value: FeatureStore, writable: true, enumerable: false, configurable: true });



    $Object.defineProperties(FeatureStore.prototype.getFeatures = function(request, callback) {
        return $protobuf.rpc.Service.prototype.rpcCall.call(this, FeatureStore.prototype.getFeatures, $root.GetFeaturesRequest, $root.GetFeaturesResponse, request, callback);
    }, {
        name: { value: "GetFeatures" },
        path: { value: "/FeatureStore/GetFeatures" },
        requestType: { value: "GetFeaturesRequest" },
        responseType: { value: "GetFeaturesResponse" },
        requestStream: { value: $undefined },
        responseStream: { value: $undefined }
    });



    $Object.defineProperties(FeatureStore.prototype.batchGetFeatures = function(request, callback) {
        return $protobuf.rpc.Service.prototype.rpcCall.call(this, FeatureStore.prototype.batchGetFeatures, $root.BatchGetFeaturesRequest, $root.BatchGetFeaturesResponse, request, callback);
    }, {
        name: { value: "BatchGetFeatures" },
        path: { value: "/FeatureStore/BatchGetFeatures" },
        requestType: { value: "BatchGetFeaturesRequest" },
        responseType: { value: "BatchGetFeaturesResponse" },
        requestStream: { value: $undefined },
        responseStream: { value: $undefined }
    });

    return FeatureStore;
})();

export const GetFeaturesRequest = $root.GetFeaturesRequest = (() => {

    const GetFeaturesRequest = function (p) {
        this.featureNames = [];
        if (p)
            for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
                if (p[ks[i]] != null && ks[i] !== "__proto__")
                    this[ks[i]] = p[ks[i]];
    };

    GetFeaturesRequest.prototype.entityId = "";
    GetFeaturesRequest.prototype.featureNames = $util.emptyArray;

    GetFeaturesRequest.encode = function (m, w, q) {
        if (!w)
            w = $Writer.create();
        if (q === $undefined)
            q = 0;
        if (q > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (m.entityId != null && $Object.hasOwnProperty.call(m, "entityId") && m.entityId !== "")
            w.uint32(10).string(m.entityId);
        if (m.featureNames != null && m.featureNames.length) {
            for (var i = 0; i < m.featureNames.length; ++i)
                w.uint32(18).string(m.featureNames[i]);
        }
        if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
            for (var i = 0; i < m.$unknowns.length; ++i)
                w.raw(m.$unknowns[i]);
        return w;
    };

    GetFeaturesRequest.decode = function (r, l, z, q, g) {
        if (!(r instanceof $Reader))
            r = $Reader.create(r);
        if (q === $undefined)
            q = 0;
        if (q > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        var c, m, v;
        if (l === $undefined)
            c = r.len;
        else {
            c = r.pos + l;
            if (c > r.len)
                throw $RangeError("index out of range");
            l = r.len;
            r.len = c;
        }
        m = g || new $root.GetFeaturesRequest();
        while (r.pos < c) {
            var s = r.pos;
            var t = r.tag();
            if (t === z) {
                z = $undefined;
                break;
            }
            var u = t & 7;
            switch (t >>>= 3) {
            case 1: {
                    if (u !== 2)
                        break;
                    if ((v = r.stringVerify()).length)
                        m.entityId = v;
                    else
                        delete m.entityId;
                    continue;
                }
            case 2: {
                    if (u !== 2)
                        break;
                    if (!(m.featureNames && m.featureNames.length))
                        m.featureNames = [];
                    m.featureNames.push(r.stringVerify());
                    continue;
                }
            }
            r.skipType(u, q, t);
            if (!r.discardUnknown) {
                $util.makeProp(m, "$unknowns", false);
                (m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
            }
        }
        if (l !== $undefined) {
            if (r.pos !== c)
                throw $RangeError("index out of range");
            r.len = l;
        }
        if (z !== $undefined)
            throw $Error("missing end group");
        return m;
    };

    GetFeaturesRequest.getTypeUrl = function(prefix) {
        if (prefix === $undefined)
            prefix = "type.googleapis.com";
        return prefix + "/GetFeaturesRequest";
    };

    return GetFeaturesRequest;
})();

export const GetFeaturesResponse = $root.GetFeaturesResponse = (() => {

    const GetFeaturesResponse = function (p) {
        this.features = {};
        if (p)
            for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
                if (p[ks[i]] != null && ks[i] !== "__proto__")
                    this[ks[i]] = p[ks[i]];
    };

    GetFeaturesResponse.prototype.features = $util.emptyObject;

    GetFeaturesResponse.encode = function (m, w, q) {
        if (!w)
            w = $Writer.create();
        if (q === $undefined)
            q = 0;
        if (q > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (m.features != null && $Object.hasOwnProperty.call(m, "features")) {
            for (var ks = $Object.keys(m.features), i = 0; i < ks.length; ++i) {
                w.uint32(10).fork().uint32(10).string(ks[i]);
                $root.FeatureValue.encode(m.features[ks[i]], w.uint32(18).fork(), q + 1).ldelim().ldelim();
            }
        }
        if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
            for (var i = 0; i < m.$unknowns.length; ++i)
                w.raw(m.$unknowns[i]);
        return w;
    };

    GetFeaturesResponse.decode = function (r, l, z, q, g) {
        if (!(r instanceof $Reader))
            r = $Reader.create(r);
        if (q === $undefined)
            q = 0;
        if (q > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        var c, m, k, v;
        if (l === $undefined)
            c = r.len;
        else {
            c = r.pos + l;
            if (c > r.len)
                throw $RangeError("index out of range");
            l = r.len;
            r.len = c;
        }
        m = g || new $root.GetFeaturesResponse();
        while (r.pos < c) {
            var s = r.pos;
            var t = r.tag();
            if (t === z) {
                z = $undefined;
                break;
            }
            var u = t & 7;
            switch (t >>>= 3) {
            case 1: {
                    if (u !== 2)
                        break;
                    if (m.features === $util.emptyObject)
                        m.features = {};
                    var c2 = r.size() + r.pos;
                    if (c2 > r.len)
                        throw $RangeError("index out of range");
                    r.len = c2;
                    k = "";
                    v = null;
                    while (r.pos < c2) {
                        var t2 = r.tag();
                        u = t2 & 7;
                        switch (t2 >>>= 3) {
                        case 1:
                            if (u !== 2)
                                break;
                            k = r.stringVerify();
                            continue;
                        case 2:
                            if (u !== 2)
                                break;
                            v = $root.FeatureValue.decode(r, r.size(), $undefined, q + 1, v);
                            continue;
                        }
                        r.skipType(u, q, t2);
                    }
                    if (r.pos !== c2)
                        throw $RangeError("index out of range");
                    r.len = c;
                    if (k === "__proto__")
                        $util.makeProp(m.features, k);
                    m.features[k] = v || new $root.FeatureValue();
                    continue;
                }
            }
            r.skipType(u, q, t);
            if (!r.discardUnknown) {
                $util.makeProp(m, "$unknowns", false);
                (m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
            }
        }
        if (l !== $undefined) {
            if (r.pos !== c)
                throw $RangeError("index out of range");
            r.len = l;
        }
        if (z !== $undefined)
            throw $Error("missing end group");
        return m;
    };

    GetFeaturesResponse.getTypeUrl = function(prefix) {
        if (prefix === $undefined)
            prefix = "type.googleapis.com";
        return prefix + "/GetFeaturesResponse";
    };

    return GetFeaturesResponse;
})();

export const BatchGetFeaturesRequest = $root.BatchGetFeaturesRequest = (() => {

    const BatchGetFeaturesRequest = function (p) {
        this.entityIds = [];
        this.featureNames = [];
        if (p)
            for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
                if (p[ks[i]] != null && ks[i] !== "__proto__")
                    this[ks[i]] = p[ks[i]];
    };

    BatchGetFeaturesRequest.prototype.entityIds = $util.emptyArray;
    BatchGetFeaturesRequest.prototype.featureNames = $util.emptyArray;

    BatchGetFeaturesRequest.encode = function (m, w, q) {
        if (!w)
            w = $Writer.create();
        if (q === $undefined)
            q = 0;
        if (q > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (m.entityIds != null && m.entityIds.length) {
            for (var i = 0; i < m.entityIds.length; ++i)
                w.uint32(10).string(m.entityIds[i]);
        }
        if (m.featureNames != null && m.featureNames.length) {
            for (var i = 0; i < m.featureNames.length; ++i)
                w.uint32(18).string(m.featureNames[i]);
        }
        if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
            for (var i = 0; i < m.$unknowns.length; ++i)
                w.raw(m.$unknowns[i]);
        return w;
    };

    BatchGetFeaturesRequest.decode = function (r, l, z, q, g) {
        if (!(r instanceof $Reader))
            r = $Reader.create(r);
        if (q === $undefined)
            q = 0;
        if (q > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        var c, m;
        if (l === $undefined)
            c = r.len;
        else {
            c = r.pos + l;
            if (c > r.len)
                throw $RangeError("index out of range");
            l = r.len;
            r.len = c;
        }
        m = g || new $root.BatchGetFeaturesRequest();
        while (r.pos < c) {
            var s = r.pos;
            var t = r.tag();
            if (t === z) {
                z = $undefined;
                break;
            }
            var u = t & 7;
            switch (t >>>= 3) {
            case 1: {
                    if (u !== 2)
                        break;
                    if (!(m.entityIds && m.entityIds.length))
                        m.entityIds = [];
                    m.entityIds.push(r.stringVerify());
                    continue;
                }
            case 2: {
                    if (u !== 2)
                        break;
                    if (!(m.featureNames && m.featureNames.length))
                        m.featureNames = [];
                    m.featureNames.push(r.stringVerify());
                    continue;
                }
            }
            r.skipType(u, q, t);
            if (!r.discardUnknown) {
                $util.makeProp(m, "$unknowns", false);
                (m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
            }
        }
        if (l !== $undefined) {
            if (r.pos !== c)
                throw $RangeError("index out of range");
            r.len = l;
        }
        if (z !== $undefined)
            throw $Error("missing end group");
        return m;
    };

    BatchGetFeaturesRequest.getTypeUrl = function(prefix) {
        if (prefix === $undefined)
            prefix = "type.googleapis.com";
        return prefix + "/BatchGetFeaturesRequest";
    };

    return BatchGetFeaturesRequest;
})();

export const BatchGetFeaturesResponse = $root.BatchGetFeaturesResponse = (() => {

    const BatchGetFeaturesResponse = function (p) {
        this.features = {};
        if (p)
            for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
                if (p[ks[i]] != null && ks[i] !== "__proto__")
                    this[ks[i]] = p[ks[i]];
    };

    BatchGetFeaturesResponse.prototype.features = $util.emptyObject;

    BatchGetFeaturesResponse.encode = function (m, w, q) {
        if (!w)
            w = $Writer.create();
        if (q === $undefined)
            q = 0;
        if (q > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (m.features != null && $Object.hasOwnProperty.call(m, "features")) {
            for (var ks = $Object.keys(m.features), i = 0; i < ks.length; ++i) {
                w.uint32(10).fork().uint32(10).string(ks[i]);
                $root.EntityFeatures.encode(m.features[ks[i]], w.uint32(18).fork(), q + 1).ldelim().ldelim();
            }
        }
        if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
            for (var i = 0; i < m.$unknowns.length; ++i)
                w.raw(m.$unknowns[i]);
        return w;
    };

    BatchGetFeaturesResponse.decode = function (r, l, z, q, g) {
        if (!(r instanceof $Reader))
            r = $Reader.create(r);
        if (q === $undefined)
            q = 0;
        if (q > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        var c, m, k, v;
        if (l === $undefined)
            c = r.len;
        else {
            c = r.pos + l;
            if (c > r.len)
                throw $RangeError("index out of range");
            l = r.len;
            r.len = c;
        }
        m = g || new $root.BatchGetFeaturesResponse();
        while (r.pos < c) {
            var s = r.pos;
            var t = r.tag();
            if (t === z) {
                z = $undefined;
                break;
            }
            var u = t & 7;
            switch (t >>>= 3) {
            case 1: {
                    if (u !== 2)
                        break;
                    if (m.features === $util.emptyObject)
                        m.features = {};
                    var c2 = r.size() + r.pos;
                    if (c2 > r.len)
                        throw $RangeError("index out of range");
                    r.len = c2;
                    k = "";
                    v = null;
                    while (r.pos < c2) {
                        var t2 = r.tag();
                        u = t2 & 7;
                        switch (t2 >>>= 3) {
                        case 1:
                            if (u !== 2)
                                break;
                            k = r.stringVerify();
                            continue;
                        case 2:
                            if (u !== 2)
                                break;
                            v = $root.EntityFeatures.decode(r, r.size(), $undefined, q + 1, v);
                            continue;
                        }
                        r.skipType(u, q, t2);
                    }
                    if (r.pos !== c2)
                        throw $RangeError("index out of range");
                    r.len = c;
                    if (k === "__proto__")
                        $util.makeProp(m.features, k);
                    m.features[k] = v || new $root.EntityFeatures();
                    continue;
                }
            }
            r.skipType(u, q, t);
            if (!r.discardUnknown) {
                $util.makeProp(m, "$unknowns", false);
                (m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
            }
        }
        if (l !== $undefined) {
            if (r.pos !== c)
                throw $RangeError("index out of range");
            r.len = l;
        }
        if (z !== $undefined)
            throw $Error("missing end group");
        return m;
    };

    BatchGetFeaturesResponse.getTypeUrl = function(prefix) {
        if (prefix === $undefined)
            prefix = "type.googleapis.com";
        return prefix + "/BatchGetFeaturesResponse";
    };

    return BatchGetFeaturesResponse;
})();

export const EntityFeatures = $root.EntityFeatures = (() => {

    const EntityFeatures = function (p) {
        this.features = {};
        if (p)
            for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
                if (p[ks[i]] != null && ks[i] !== "__proto__")
                    this[ks[i]] = p[ks[i]];
    };

    EntityFeatures.prototype.features = $util.emptyObject;

    EntityFeatures.encode = function (m, w, q) {
        if (!w)
            w = $Writer.create();
        if (q === $undefined)
            q = 0;
        if (q > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (m.features != null && $Object.hasOwnProperty.call(m, "features")) {
            for (var ks = $Object.keys(m.features), i = 0; i < ks.length; ++i) {
                w.uint32(10).fork().uint32(10).string(ks[i]);
                $root.FeatureValue.encode(m.features[ks[i]], w.uint32(18).fork(), q + 1).ldelim().ldelim();
            }
        }
        if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
            for (var i = 0; i < m.$unknowns.length; ++i)
                w.raw(m.$unknowns[i]);
        return w;
    };

    EntityFeatures.decode = function (r, l, z, q, g) {
        if (!(r instanceof $Reader))
            r = $Reader.create(r);
        if (q === $undefined)
            q = 0;
        if (q > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        var c, m, k, v;
        if (l === $undefined)
            c = r.len;
        else {
            c = r.pos + l;
            if (c > r.len)
                throw $RangeError("index out of range");
            l = r.len;
            r.len = c;
        }
        m = g || new $root.EntityFeatures();
        while (r.pos < c) {
            var s = r.pos;
            var t = r.tag();
            if (t === z) {
                z = $undefined;
                break;
            }
            var u = t & 7;
            switch (t >>>= 3) {
            case 1: {
                    if (u !== 2)
                        break;
                    if (m.features === $util.emptyObject)
                        m.features = {};
                    var c2 = r.size() + r.pos;
                    if (c2 > r.len)
                        throw $RangeError("index out of range");
                    r.len = c2;
                    k = "";
                    v = null;
                    while (r.pos < c2) {
                        var t2 = r.tag();
                        u = t2 & 7;
                        switch (t2 >>>= 3) {
                        case 1:
                            if (u !== 2)
                                break;
                            k = r.stringVerify();
                            continue;
                        case 2:
                            if (u !== 2)
                                break;
                            v = $root.FeatureValue.decode(r, r.size(), $undefined, q + 1, v);
                            continue;
                        }
                        r.skipType(u, q, t2);
                    }
                    if (r.pos !== c2)
                        throw $RangeError("index out of range");
                    r.len = c;
                    if (k === "__proto__")
                        $util.makeProp(m.features, k);
                    m.features[k] = v || new $root.FeatureValue();
                    continue;
                }
            }
            r.skipType(u, q, t);
            if (!r.discardUnknown) {
                $util.makeProp(m, "$unknowns", false);
                (m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
            }
        }
        if (l !== $undefined) {
            if (r.pos !== c)
                throw $RangeError("index out of range");
            r.len = l;
        }
        if (z !== $undefined)
            throw $Error("missing end group");
        return m;
    };

    EntityFeatures.getTypeUrl = function(prefix) {
        if (prefix === $undefined)
            prefix = "type.googleapis.com";
        return prefix + "/EntityFeatures";
    };

    return EntityFeatures;
})();

export const FeatureValue = $root.FeatureValue = (() => {

    const FeatureValue = function (p) {
        if (p)
            for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
                if (p[ks[i]] != null && ks[i] !== "__proto__")
                    this[ks[i]] = p[ks[i]];
    };

    FeatureValue.prototype.intValue = null;
    FeatureValue.prototype.doubleValue = null;
    FeatureValue.prototype.stringValue = null;
    FeatureValue.prototype.boolValue = null;

    let $oneOfFields;

    $Object.defineProperty(FeatureValue.prototype, "value", {
        get: $util.oneOfGetter($oneOfFields = ["intValue", "doubleValue", "stringValue", "boolValue"]),
        set: $util.oneOfSetter($oneOfFields)
    });

    FeatureValue.encode = function (m, w, q) {
        if (!w)
            w = $Writer.create();
        if (q === $undefined)
            q = 0;
        if (q > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (m.intValue != null && $Object.hasOwnProperty.call(m, "intValue"))
            w.uint32(8).int64(m.intValue);
        if (m.doubleValue != null && $Object.hasOwnProperty.call(m, "doubleValue"))
            w.uint32(17).double(m.doubleValue);
        if (m.stringValue != null && $Object.hasOwnProperty.call(m, "stringValue"))
            w.uint32(26).string(m.stringValue);
        if (m.boolValue != null && $Object.hasOwnProperty.call(m, "boolValue"))
            w.uint32(32).bool(m.boolValue);
        if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
            for (var i = 0; i < m.$unknowns.length; ++i)
                w.raw(m.$unknowns[i]);
        return w;
    };

    FeatureValue.decode = function (r, l, z, q, g) {
        if (!(r instanceof $Reader))
            r = $Reader.create(r);
        if (q === $undefined)
            q = 0;
        if (q > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        var c, m;
        if (l === $undefined)
            c = r.len;
        else {
            c = r.pos + l;
            if (c > r.len)
                throw $RangeError("index out of range");
            l = r.len;
            r.len = c;
        }
        m = g || new $root.FeatureValue();
        while (r.pos < c) {
            var s = r.pos;
            var t = r.tag();
            if (t === z) {
                z = $undefined;
                break;
            }
            var u = t & 7;
            switch (t >>>= 3) {
            case 1: {
                    if (u !== 0)
                        break;
                    m.intValue = r.int64();
                    m.value = "intValue";
                    continue;
                }
            case 2: {
                    if (u !== 1)
                        break;
                    m.doubleValue = r.double();
                    m.value = "doubleValue";
                    continue;
                }
            case 3: {
                    if (u !== 2)
                        break;
                    m.stringValue = r.stringVerify();
                    m.value = "stringValue";
                    continue;
                }
            case 4: {
                    if (u !== 0)
                        break;
                    m.boolValue = r.bool();
                    m.value = "boolValue";
                    continue;
                }
            }
            r.skipType(u, q, t);
            if (!r.discardUnknown) {
                $util.makeProp(m, "$unknowns", false);
                (m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
            }
        }
        if (l !== $undefined) {
            if (r.pos !== c)
                throw $RangeError("index out of range");
            r.len = l;
        }
        if (z !== $undefined)
            throw $Error("missing end group");
        return m;
    };

    FeatureValue.getTypeUrl = function(prefix) {
        if (prefix === $undefined)
            prefix = "type.googleapis.com";
        return prefix + "/FeatureValue";
    };

    return FeatureValue;
})();

export {
  $root as default
};
