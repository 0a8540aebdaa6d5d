PREFIX : <http://e/>
DELETE DATA { :a :p +3 . :b :p +3 } ;
INSERT DATA { :z :p +7, -7.0 ; :q +1e2 }
