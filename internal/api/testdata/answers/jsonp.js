/**/f({
  "meta": {
    "code": 200
  },
  "data": [
    {
      "id": "<id 1>",
      "username": "ada",
      "full_name": "ADA",
      "profile_picture": "https://photos.example/avatars/default/<hue>/41.svg"
    }
  ],
  "pagination": {}
});
