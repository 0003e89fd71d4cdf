"""Reads through Feast's own client; prints JSON, a line for each question of standard input."""
import json
import sys
import warnings

warnings.filterwarnings("ignore")
from feast import FeatureStore  # noqa: E402

store = FeatureStore(repo_path=".")
for line in sys.stdin:
    question = json.loads(line)
    features = question.get("features") or store.get_feature_service(question["service"])
    try:
        answer = store.get_online_features(features=features, entity_rows=question["rows"]).to_dict()
        print(json.dumps(answer, default=str))
    except Exception as error:  # noqa: BLE001
        print(json.dumps({"error": str(error)}))
