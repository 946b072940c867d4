package demo

// The people, places and words of the demo site. All are made up, but for the
// places, whose coordinates are general knowledge.

type person struct{ username, name, bio string }

func firstPeople() []person {
	return []person{
		{"mara.lind", "Mara Lind", "Fog, ferries and film. Wet plates at weekends."},
		{"tomas_v", "Tomáš Veselý", "Mountains before breakfast."},
		{"lin.yue", "林月", "胶片与茶。Film and tea."},
		{"ada_moss", "Ada Moss", "Gardens, mostly mine."},
		{"juno", "Juno Okafor", "City light. Night walks."},
		{"sol_herrera", "Sol Herrera", "Desert person by the sea."},
		{"kaito_m", "Kaito Mori", "森さん。Stone walls and small streets."},
		{"nell.ash", "Nell Ashdown", "I photograph weather."},
		{"ibrahim.k", "Ibrahim Kaya", "Istanbul, early."},
		{"wren", "Wren Calloway", "Birdless bird photographer."},
		{"chen_bo", "陈博", "走路，看，拍。"},
		{"olive_t", "Olive Tran", "Orchards and orchestras."},
		{"petter", "Petter Aas", "North of everything."},
		{"rosa_d", "Rosa Duarte", "Tiles, tides, tomatoes."},
		{"hugo.b", "Hugo Brandt", "Concrete can be kind."},
		{"priya_s", "Priya Sen", "Rain is a filter."},
		{"anouk", "Anouk Meijer", "Low country, high skies."},
		{"yara_n", "Yara Nasser", "Sand in every lens."},
		{"finn.o", "Finn O'Dowd", "Boats that do not sink, so far."},
		{"su.wen", "苏雯", "花、光和影子"},
		{"bea_k", "Bea Kowalska", "Slow photographs."},
		{"dario", "Dario Conti", "Sunsets are a habit."},
		{"lotte_w", "Lotte Weiss", "Glass and silver."},
		{"emeka", "Emeka Obi", "Looking up."},
	}
}

func givenNames() []string {
	return []string{"Ana", "Ben", "Clara", "Dev", "Elif", "Femi", "Greta", "Hana", "Ivo", "Jia", "Kofi", "Lea", "Milo", "Nadia", "Otto", "Pia", "Quinn", "Rui", "Sana", "Teo", "Uma", "Vik", "Willa", "Xin", "Yusuf", "Zoe"}
}

func familyNames() []string {
	return []string{"Abel", "Berg", "Cruz", "Dahl", "Eze", "Frost", "Gao", "Holt", "Imai", "Joss", "Kern", "Lowe", "Marsh", "Nagy", "Orr", "Pike", "Quist", "Reyes", "Stone", "Tan", "Ude", "Vale", "Wu", "Yates", "Zhou"}
}

type place struct {
	name     string
	lat, lon float64
}

func places() []place {
	return []place{
		{"Lofoten", 68.2, 14.0}, {"West Lake, Hangzhou", 30.2466, 120.1485}, {"Alfama, Lisbon", 38.7121, -9.1303},
		{"Erg Chebbi", 31.146, -3.973}, {"Tatra National Park", 49.18, 20.07}, {"Karaköy, Istanbul", 41.0226, 28.9773},
		{"Isle of Skye", 57.2736, -6.2155}, {"Kyoto", 35.0116, 135.7681}, {"Valparaíso", -33.0472, -71.6127},
		{"Lake Wanaka", -44.6943, 169.1417}, {"Brooklyn Heights", 40.696, -73.9933}, {"Zeeland", 51.49, 3.84},
		{"鼓浪屿", 24.4475, 118.0671}, {"Dolomites", 46.4102, 11.844}, {"Cape Town", -33.9249, 18.4241},
	}
}

func captions() []string {
	return []string{
		"First light, before anyone else was up. #morning #light",
		"Waited an hour for this and then it took a second. #patience",
		"The colour lasted maybe four minutes. #sunset #sky",
		"Walked home the long way. #nightwalk #city",
		"No filter needed, for once. #nofilter",
		"Tried the big lens. Shoulders regret it. #landscape",
		"Same place as last year, other weather. #again",
		"A wall I like. #texture #stone",
		"雨停了。 #雨后 #光",
		"把春天留下来。 #春天 #花",
		"Found in the back of the drawer, scanned today. #film",
		"Small boat, big water. #sea",
		"Blue hour, cold hands. #bluehour",
		"It looked better from the train. It always does. #travel",
		"Everything is in bloom and so is my nose. #spring #flowers",
		"Quiet. #minimal",
		"One for the wall, I think. #print",
		"The wind did most of the work. #dunes",
		"Three days of clouds, then this. #aurora #night",
		"Ask me about the mud. #orchard #autumn",
		"",
	}
}

func remarks() []string {
	return []string{"Beautiful.", "That light!", "Where is this?", "I can feel the cold from here.", "好美！", "这个颜色绝了", "Print it, please.", "The composition is so calm.",
		"How long did you wait?", "I know that wall!", "Saving this for a rainy day.", "Which lens?", "Wow.", "This one made my morning.", "光线真好", "You have to take me along next time.", "More of these!", "Lovely tones.", "Looks like a painting.", "I miss this place."}
}

func alts() []string {
	return []string{"A wide view with layered hills under a soft sky", "Open water with the sun low above the horizon", "Rippled dunes in side light", "A row of buildings with lit windows at dusk",
		"Green curtains of light over a dark ridge", "A close view of open flowers", "A wall of fitted stones in many greys", "Trees with round crowns in a meadow"}
}

type camera struct {
	make, model, lens string
	focal             []float64
}

func cameras() []camera {
	return []camera{
		{"Halide", "H-1", "Halide 35mm F2", []float64{35}},
		{"Nordlys", "N50", "Nordlys 24-70mm F4", []float64{24, 35, 50, 70}},
		{"Pocket", "P9", "Pocket 9 back camera 5.7mm f/1.8", []float64{5.7}},
		{"Kestrel", "KX", "Kestrel 85mm F1.8", []float64{85}},
	}
}
